import { isIP } from 'node:net'

import type { Cache, Caches, Clock } from '@cache/core'
import type { RateLimiter } from '@cache/rate-limit'

import type { AppDatabase } from '../database/database.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { AppSettings } from '../settings/app-settings.ts'
import { limiter } from './limits.ts'

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
  /** Where wrong keys are counted. */
  readonly caches: Caches
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
  /** By how many wrong keys they admit. */
  readonly #limiters = new Map<number, RateLimiter>()

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
    const { api_key_attempts: most, ban_minutes: minutes } = await this.#parts.settings.get()
    const { remaining } = await this.#limiter(most).consume(address)
    if (remaining === 0) await this.ban(address, 'wrong API keys', minutes * 60_000)
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

  #limiter(most: number): RateLimiter {
    const known = this.#limiters.get(most)
    if (known !== undefined) return known
    const made = limiter(this.#parts.caches, `wrong-keys-${most}`, [{ count: most, windowMs }])
    this.#limiters.set(most, made)
    return made
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
