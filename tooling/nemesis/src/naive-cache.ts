import { Redis } from 'ioredis'
import { commandTimeoutMs, keyName } from './plan.ts'

/** What most applications write themselves: get; on a miss load and set; on a change delete. */
export class NaiveCache {
  readonly #client: Redis

  constructor(url: string) {
    this.#client = new Redis(url, {
      keyPrefix: 'naive:',
      maxRetriesPerRequest: 0,
      commandTimeout: commandTimeoutMs,
      enableOfflineQueue: false,
      retryStrategy: () => 100,
    })
    this.#client.on('error', () => undefined)
  }

  async getOrLoad(key: number, load: () => Promise<number>): Promise<number> {
    const cached = await this.#client.get(keyName(key)).catch(() => null)
    if (cached !== null) return Number(cached)
    const loaded = await load()
    await this.#client.set(keyName(key), loaded, 'EX', 30).catch(() => undefined)
    return loaded
  }

  async delete(keys: readonly number[]): Promise<void> {
    if (keys.length > 0) await this.#client.del(...keys.map(keyName))
  }
}
