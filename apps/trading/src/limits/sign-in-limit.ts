import type { Cache, Clock } from '@cache/core'

import type { Rate } from '../config/readers.ts'

/** Counts failed sign-ins of each client address. The counts are in a cache on disk, so a restart forgives nothing. */
export class SignInLimit {
  readonly #attempts: Cache<number>
  readonly #clock: Clock
  readonly #rates: readonly Rate[]

  constructor(attempts: Cache<number>, clock: Clock, rates: readonly Rate[]) {
    this.#attempts = attempts
    this.#clock = clock
    this.#rates = rates
  }

  /** Seconds until the address may try again; 0 if it may now. */
  async waitSeconds(address: string): Promise<number> {
    const nowMs = this.#clock.wallMs()
    const waits = await Promise.all(
      this.#rates.map(async (rate) => {
        const failed = (await this.#attempts.get(keyOf(rate, address, nowMs))) ?? 0
        return failed < rate.count ? 0 : rate.windowMs - (nowMs % rate.windowMs)
      }),
    )
    return Math.ceil(Math.max(...waits) / 1000)
  }

  async countFailure(address: string): Promise<void> {
    const nowMs = this.#clock.wallMs()
    await Promise.all(
      this.#rates.map((rate) =>
        this.#attempts.increment(keyOf(rate, address, nowMs), 1, { ttl: rate.windowMs }),
      ),
    )
  }
}

/** One key for each rate and window of time. */
function keyOf({ count, windowMs }: Rate, address: string, nowMs: number): [number, number, number, string] {
  return [count, windowMs, Math.floor(nowMs / windowMs), address]
}
