import { isIP } from 'node:net'

import type { Cache, Clock } from '@cache/core'

import type { AppDatabase } from '../database/database.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { AppSettings } from '../settings/app-settings.ts'

export interface Ban {
  readonly address: string
  readonly reason: string
  readonly bannedAtMs: number
  readonly expiresAtMs: number
}

export interface AddressGuardParts {
  readonly database: AppDatabase
  /** Address → when its ban ends; 0 when there is none. */
  readonly bans: Cache<number>
  /** Window and address → failures. */
  readonly attempts: Cache<number>
  readonly settings: AppSettings
  readonly clock: Clock
}

const windowMs = 3_600_000

/**
 * Keeps out addresses that tried too many wrong API keys. Bans are in the database and hold over restarts and in every
 * instance. This machine itself is never banned: whoever sits at it would lock himself out.
 */
export class AddressGuard {
  readonly #parts: AddressGuardParts

  constructor(parts: AddressGuardParts) {
    this.#parts = parts
  }

  /** @throws RequestFault 403 while the address is banned */
  async check(address: string): Promise<void> {
    const endsAtMs = await this.#parts.bans.getOrLoad(address, () => this.#read(address))
    const leftMs = (endsAtMs ?? 0) - this.#parts.clock.wallMs()
    if (leftMs <= 0) return
    throw new RequestFault(403, 'Too many wrong API keys came from this address; it is banned for now', {
      code: 'BANNED',
      retryAfterSeconds: Math.ceil(leftMs / 1000),
    })
  }

  async countWrongKey(address: string): Promise<void> {
    if (isLoopback(address)) return
    const { attempts, clock, settings } = this.#parts
    const window = Math.floor(clock.wallMs() / windowMs)
    const count = await attempts.increment(['api-key', window, address], 1, { ttl: windowMs })
    const { api_key_attempts: most, ban_minutes: minutes } = await settings.get()
    if (count >= most) await this.ban(address, 'wrong API keys', minutes * 60_000)
  }

  async ban(address: string, reason: string, lengthMs: number): Promise<void> {
    const { database, bans, clock } = this.#parts
    const row = { reason, banned_at_ms: clock.wallMs(), expires_at_ms: clock.wallMs() + lengthMs }
    await database
      .insertInto('bans')
      .values({ address, ...row })
      .onConflict((conflict) => conflict.column('address').doUpdateSet(row))
      .execute()
    await bans.delete(address)
  }

  /** Those that hold now. */
  async list(): Promise<Ban[]> {
    const rows = await this.#parts.database
      .selectFrom('bans')
      .selectAll()
      .where('expires_at_ms', '>', this.#parts.clock.wallMs())
      .orderBy('banned_at_ms', 'desc')
      .limit(1000)
      .execute()
    return rows.map(({ address, reason, banned_at_ms: bannedAtMs, expires_at_ms: expiresAtMs }) => {
      return { address, reason, bannedAtMs, expiresAtMs }
    })
  }

  async lift(address: string): Promise<void> {
    await this.#parts.database.deleteFrom('bans').where('address', '=', address).execute()
    await this.#parts.bans.delete(address)
  }

  async #read(address: string): Promise<number> {
    const row = await this.#parts.database
      .selectFrom('bans')
      .select('expires_at_ms')
      .where('address', '=', address)
      .executeTakeFirst()
    return row?.expires_at_ms ?? 0
  }
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}
