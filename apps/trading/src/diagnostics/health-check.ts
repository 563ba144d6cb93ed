import { sql } from 'kysely'

import type { App } from '../app.ts'
import type { Leaving } from '../server/leaving.ts'
import { megabytes, percent, uptimeSeconds } from './figures.ts'

const rememberedForMs = 1000

/** Whether this instance can serve. Asked often, by anyone: the parts are checked once a second at most. */
export class HealthCheck {
  readonly #app: App
  readonly #leaving: Leaving
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #reason: Promise<string | undefined> = Promise.resolve(undefined)

  constructor(app: App, leaving: Leaving) {
    this.#app = app
    this.#leaving = leaving
  }

  async answer() {
    const { configuration, caches, clock } = this.#app
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#checkedAtMs >= rememberedForMs) {
      this.#checkedAtMs = nowMs
      this.#reason = this.#check()
    }
    const reason = this.#leaving.begun ? 'stopping' : await this.#reason
    return {
      status: reason === undefined ? ('healthy' as const) : ('unhealthy' as const),
      ...(reason === undefined ? {} : { reason }),
      instance: configuration.values.INSTANCE_ID,
      instance_name: configuration.values.INSTANCE_NAME,
      cache_backend: caches.all.stats().backend,
      uptime: uptimeSeconds(this.#app),
      symbol_cache: this.#symbols(),
    }
  }

  /** What is wrong, or `undefined`. */
  async #check(): Promise<string | undefined> {
    try {
      await sql`select 1`.execute(this.#app.database)
    } catch {
      return 'database'
    }
    const { healthy } = await this.#app.caches.all.health()
    return healthy ? undefined : 'cache'
  }

  #symbols() {
    const { catalog, clock } = this.#app
    const { phase, fault } = catalog.status
    const { size, source, countByExchange, memory, lookups, searches, swaps, failures, current } =
      catalog.statistics
    return {
      phase,
      total_symbols: size,
      by_exchange: countByExchange,
      source,
      last_loaded: current === undefined ? null : new Date(current.importedAtMs).toISOString(),
      age_seconds: current === undefined ? null : Math.floor((clock.wallMs() - current.importedAtMs) / 1000),
      memory_usage_mb: megabytes(memory.bytes),
      hits: lookups.hits,
      misses: lookups.misses,
      hit_rate: percent(lookups.hitRatio),
      searches,
      cache_loads: swaps,
      failed_loads: failures,
      ...(fault === undefined ? {} : { last_fault: fault.message }),
    }
  }
}
