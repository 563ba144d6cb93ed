import { EventEmitter } from 'node:events'
import { CacheError, type Cache } from '@cache/core'

/** One entry of `setMany`, with its time to live in milliseconds. */
export interface KeyvStoreEntry {
  readonly key: string
  readonly value: unknown
  readonly ttl?: number | undefined
}

/** Keys whose values are fetched together while iterating. */
const pageSize = 100

/**
 * A storage adapter for Keyv over one cache, for Keyv 5 and 6 alike: it takes relative times to live, which Keyv 6
 * bridges to its own. The cache stays the caller's: `disconnect` closes nothing.
 *
 * An entry without a time to live has that of the cache; define the cache with `ttl: Infinity` for Keyv's own meaning.
 */
export class KeyvStore {
  /** Keyv 5 iterates only stores whose dialect it knows; the suite of Keyv writes here as well. */
  readonly opts: Record<string, unknown> = { dialect: 'redis' }
  /** Keyv 5 sets it; its keys begin with it and a colon. */
  declare namespace?: string | undefined
  readonly #cache: Cache<unknown>
  readonly #events = new EventEmitter()

  constructor(cache: Cache<unknown>) {
    this.#cache = cache
  }

  /** `error` tells of values that were not stored; what else fails rejects. */
  on(event: string, listener: (...values: unknown[]) => void): this {
    this.#events.on(event, listener)
    return this
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    return (await this.#cache.get(key)) as Value | undefined
  }

  async getMany<Value>(keys: readonly string[]): Promise<(Value | undefined)[]> {
    return (await this.#cache.getMany(keys)) as (Value | undefined)[]
  }

  /** `false` when the backend is away: nothing was stored then, and `error` was emitted. */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    return this.#store([{ key, value, ttl }], ttl)
  }

  /** One outcome for each entry; one step for all that have the same time to live. */
  async setMany(entries: readonly KeyvStoreEntry[]): Promise<boolean[]> {
    const groups = Map.groupBy(entries, ({ ttl }) => ttl)
    const outcomes = new Map<number | undefined, boolean>()
    for (const [ttl, group] of groups) outcomes.set(ttl, await this.#store(group, ttl))
    return entries.map(({ ttl }) => outcomes.get(ttl) === true)
  }

  async delete(key: string): Promise<boolean> {
    return this.#cache.delete(key)
  }

  /** Whether there was one of them. */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    return (await this.#cache.deleteMany(keys)) > 0
  }

  async has(key: string): Promise<boolean> {
    return this.#cache.has(key)
  }

  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    const values = await this.#cache.getMany(keys)
    return values.map((value) => value !== undefined)
  }

  /** The keys of the namespace, or all of the cache. `O(entries)` for a namespace. */
  async clear(): Promise<void> {
    if (this.namespace === undefined) await this.#cache.clear()
    else await this.#cache.deleteMatching(patternOf(this.namespace))
  }

  /** Keys and values, of a namespace if one is given; what is added or removed meanwhile may or may not appear. */
  async *iterator<Value>(namespace?: string): AsyncGenerator<[string, Value], void> {
    let page: string[] = []
    for await (const key of this.#cache.keys(namespace === undefined ? '*' : patternOf(namespace))) {
      if (typeof key === 'string') page.push(key)
      if (page.length < pageSize) continue
      yield* this.#entries<Value>(page)
      page = []
    }
    yield* this.#entries<Value>(page)
  }

  /** The cache is not ours to close. */
  async disconnect(): Promise<void> {}

  async *#entries<Value>(keys: readonly string[]): AsyncGenerator<[string, Value], void> {
    const values = await this.getMany<Value>(keys)
    for (const [index, key] of keys.entries()) {
      const value = values[index]
      if (value !== undefined) yield [key, value]
    }
  }

  async #store(entries: readonly KeyvStoreEntry[], ttl: number | undefined): Promise<boolean> {
    const pairs = entries.map(({ key, value }) => [key, value] as const)
    const stored = await this.#cache.setMany(pairs, ttl === undefined ? {} : { ttl: Math.max(0, ttl) })
    if (!stored && this.#events.listenerCount('error') > 0)
      this.#events.emit(
        'error',
        new CacheError('BACKEND_UNREACHABLE', 'The backend is away; nothing was stored'),
      )
    return stored
  }
}

/** Matches the stored form of keys that begin with a namespace and a colon. */
function patternOf(namespace: string): string {
  const stored = `${namespace}:`.replaceAll('%', '%25').replaceAll(':', '%3A')
  return `${stored.replaceAll(/[*?\\]/g, String.raw`\$&`)}*`
}
