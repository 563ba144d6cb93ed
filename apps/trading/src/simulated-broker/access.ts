import { createHash, randomBytes } from 'node:crypto'

import type { Clock } from '@cache/core'
import type SqliteDatabase from 'better-sqlite3'

import { BrokerError, type BrokerGrant } from '../broker/broker-adapter.ts'

const codeLifetimeMs = 120_000
const secretBytes = 32

interface AccessRow {
  readonly account: string
  readonly expires_at_ms: number
}

export interface AccessParts {
  readonly database: SqliteDatabase.Database
  readonly clock: Clock
  /** Milliseconds from a moment to the end of a token given then. */
  readonly tokenLifetimeMs: (wallMs: number) => number
}

/** Codes and tokens of the broker's sign-in; only their hashes are kept. */
export class Access {
  readonly #parts: AccessParts

  constructor(parts: AccessParts) {
    this.#parts = parts
  }

  /** A code for whoever signed in to the account; good once, for two minutes. */
  code(account: string): string {
    return this.#issue('codes', account, codeLifetimeMs).secret
  }

  /** @throws BrokerError `CODE_INVALID` */
  grant(code: string): BrokerGrant {
    const { database, clock, tokenLifetimeMs } = this.#parts
    const used = database
      .prepare<[string], AccessRow>(`delete from codes where code_hash = ? returning account, expires_at_ms`)
      .get(hashOf(code))
    const nowMs = clock.wallMs()
    if (used === undefined || used.expires_at_ms <= nowMs) {
      throw new BrokerError('CODE_INVALID', 'The broker does not know this sign-in any more; connect again')
    }
    const { secret, expiresAtMs } = this.#issue('tokens', used.account, tokenLifetimeMs(nowMs))
    const feed = this.#issue('tokens', used.account, expiresAtMs - nowMs)
    return { token: secret, feedToken: feed.secret, account: used.account, expiresAtMs }
  }

  /**
   * The account that a token stands for.
   *
   * @throws BrokerError `TOKEN_INVALID`
   */
  account(token: string): string {
    const row = this.#parts.database
      .prepare<[string], AccessRow>(`select account, expires_at_ms from tokens where token_hash = ?`)
      .get(hashOf(token))
    if (row !== undefined && row.expires_at_ms > this.#parts.clock.wallMs()) return row.account
    throw new BrokerError('TOKEN_INVALID', 'The broker does not accept the token any more; connect again')
  }

  revoke(token: string): void {
    this.#parts.database.prepare(`delete from tokens where token_hash = ?`).run(hashOf(token))
  }

  #issue(
    table: 'codes' | 'tokens',
    account: string,
    lifetimeMs: number,
  ): { readonly secret: string; readonly expiresAtMs: number } {
    const { database, clock } = this.#parts
    const secret = randomBytes(secretBytes).toString('base64url')
    const nowMs = clock.wallMs()
    database.prepare(`delete from ${table} where expires_at_ms <= ?`).run(nowMs)
    database.prepare(`insert into ${table} values (?, ?, ?)`).run(hashOf(secret), account, nowMs + lifetimeMs)
    return { secret, expiresAtMs: nowMs + lifetimeMs }
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
