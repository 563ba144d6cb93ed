import type { Clock } from '@cache/core'

import type { AppDatabase } from '../database/database.ts'
import type { KeyedHash } from '../secrets/installation-key.ts'
import { RequestFault } from '../server/request-fault.ts'

const rememberedForMs = 24 * 3_600_000
const acceptedAgeMs = 5 * 60_000
const purgeEvery = 1000

/** What tells one call of a webhook from another, where its sender says so. */
export interface CallIdentity {
  readonly id: string | undefined
  /** When it was sent, in ISO 8601 or seconds since 1970. */
  readonly timestamp: string | number | undefined
}

/** Calls of webhooks that were answered already, for a day: in the database, so that no restart lets one in twice. */
export class WebhookCalls {
  readonly #database: AppDatabase
  readonly #hash: KeyedHash
  readonly #clock: Clock
  #sincePurge = 0

  constructor(database: AppDatabase, hash: KeyedHash, clock: Clock) {
    this.#database = database
    this.#hash = hash
    this.#clock = clock
  }

  /**
   * Takes a call, once. A call without an identity can't be told from another and is always taken.
   *
   * @throws RequestFault 409 for a call that was taken before; 400 for one that is older than five minutes, or of the
   *   future
   */
  async take(webhook: string, { id, timestamp }: CallIdentity): Promise<void> {
    const nowMs = this.#clock.wallMs()
    if (timestamp !== undefined && Math.abs(nowMs - timeOf(timestamp)) > acceptedAgeMs) {
      throw new RequestFault(400, 'The call is too old, or its timestamp is wrong', { code: 'STALE_CALL' })
    }
    if (id === undefined) return
    const row = { call_hash: this.#hash(`${webhook}/${id}`), received_at_ms: nowMs }
    const taken = await this.#database
      .insertInto('webhook_calls')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning('call_hash')
      .executeTakeFirst()
    if (taken === undefined)
      throw new RequestFault(409, 'This call was received before', { code: 'REPLAYED_CALL' })
    await this.#purge(nowMs)
  }

  async #purge(nowMs: number): Promise<void> {
    if (this.#sincePurge++ % purgeEvery !== 0) return
    await this.#database
      .deleteFrom('webhook_calls')
      .where('received_at_ms', '<', nowMs - rememberedForMs)
      .execute()
  }
}

function timeOf(timestamp: string | number): number {
  const seconds = Number(timestamp)
  return Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(timestamp))
}
