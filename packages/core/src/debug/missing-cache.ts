import { CacheError, type Duration } from '@cache/ports'
import type { UpdateOptions } from '../engine/atomic-operations.ts'
import type { AppendOptions, Cache, ValueWithMeta } from '../engine/cache.ts'
import { countRead, type CacheContext } from '../engine/cache-context.ts'
import type { WriteOptions } from '../engine/entry-writer.ts'
import { storedKey, type CacheKey } from '../keys/cache-key.ts'
import { runLoader } from '../loading/load-run.ts'
import type { Loader, LoadOptions } from '../loading/load-options.ts'
import type { CacheStats } from '../stats/cache-stats.ts'
import type { DebugSettings } from './debug-options.ts'

export interface MissingCacheParts<V, K extends CacheKey> {
  readonly cache: Cache<V, K>
  readonly context: CacheContext<V>
  /** The form in which a key stands in events. */
  readonly eventKey: (key: string) => string
  readonly debug: DebugSettings
}

/** A cache some or all of whose reads are made to miss. Writes and invalidations pass unchanged. */
export class MissingCache<V, K extends CacheKey> implements Cache<V, K> {
  readonly name: string
  readonly #cache: Cache<V, K>
  readonly #context: CacheContext<V>
  readonly #eventKey: (key: string) => string
  readonly #debug: DebugSettings

  constructor({ cache, context, eventKey, debug }: MissingCacheParts<V, K>) {
    this.name = cache.name
    this.#cache = cache
    this.#context = context
    this.#eventKey = eventKey
    this.#debug = debug
  }

  async get(key: K): Promise<V | undefined> {
    return this.#isMissed(key) ? undefined : this.#cache.get(key)
  }

  async getMany(keys: readonly K[]): Promise<(V | undefined)[]> {
    const asked = keys.map((key) => !this.#isMissed(key))
    const found = await this.#cache.getMany(keys.filter((_key, index) => asked[index]))
    return asked.map((isAsked) => (isAsked ? found.shift() : undefined))
  }

  async getWithMeta(key: K): Promise<ValueWithMeta<V> | undefined> {
    return this.#isMissed(key) ? undefined : this.#cache.getWithMeta(key)
  }

  peek(key: K): V | undefined {
    return this.#isMissed(key) ? undefined : this.#cache.peek(key)
  }

  async has(key: K): Promise<boolean> {
    return !this.#isMissed(key) && this.#cache.has(key)
  }

  async ttl(key: K): Promise<number | undefined> {
    return this.#isMissed(key) ? undefined : this.#cache.ttl(key)
  }

  async isCurrent(key: K, revision: string): Promise<boolean> {
    return !this.#isMissed(key) && this.#cache.isCurrent(key, revision)
  }

  async getOrLoad(key: K, loader: Loader<V>, options: LoadOptions<V> = {}): Promise<V | undefined> {
    if (!this.#isMissed(key)) return this.#cache.getOrLoad(key, loader, options)
    return this.#load(key, loader, options)
  }

  set(key: K, value: V, options?: WriteOptions<V>): Promise<boolean> {
    return this.#cache.set(key, value, options)
  }

  setMany(entries: Iterable<readonly [K, V]>, options?: WriteOptions<V>): Promise<boolean> {
    return this.#cache.setMany(entries, options)
  }

  delete(key: K): Promise<boolean> {
    return this.#cache.delete(key)
  }

  deleteMany(keys: readonly K[]): Promise<number> {
    return this.#cache.deleteMany(keys)
  }

  deleteMatching(pattern: string): Promise<number> {
    return this.#cache.deleteMatching(pattern)
  }

  clear(): Promise<void> {
    return this.#cache.clear()
  }

  invalidateTags(tags: readonly string[]): Promise<void> {
    return this.#cache.invalidateTags(tags)
  }

  expire(key: K, ttl?: Duration): Promise<boolean> {
    return this.#cache.expire(key, ttl)
  }

  keys(pattern?: string): AsyncIterable<string | string[]> {
    return this.#cache.keys(pattern)
  }

  keysWithTag(tag: string): AsyncIterable<string | string[]> {
    return this.#cache.keysWithTag(tag)
  }

  countWithTags(tags: readonly string[]): Promise<number> {
    return this.#cache.countWithTags(tags)
  }

  size(): Promise<number> {
    return this.#cache.size()
  }

  update(
    key: K,
    change: (current: V | undefined) => V | undefined | Promise<V | undefined>,
    options?: UpdateOptions<V>,
  ): Promise<V | undefined> {
    return this.#cache.update(key, change, options)
  }

  increment(this: Cache<number, K>, key: K, by?: number, options?: UpdateOptions<number>): Promise<number> {
    return (this as MissingCache<number, K>).#cache.increment(key, by, options)
  }

  append<T>(this: Cache<T[], K>, key: K, items: readonly T[], options?: AppendOptions<T>): Promise<number> {
    return (this as MissingCache<T[], K>).#cache.append(key, items, options)
  }

  add(key: K, value: V, options?: UpdateOptions<V>): Promise<boolean> {
    return this.#cache.add(key, value, options)
  }

  compareAndSet(key: K, revision: string, value: V, options?: UpdateOptions<V>): Promise<boolean> {
    return this.#cache.compareAndSet(key, revision, value, options)
  }

  deleteIf(key: K, revision: string): Promise<boolean> {
    return this.#cache.deleteIf(key, revision)
  }

  expireIf(key: K, revision: string, ttl?: Duration): Promise<boolean> {
    return this.#cache.expireIf(key, revision, ttl)
  }

  stats(): CacheStats {
    return this.#cache.stats()
  }

  resetStats(): void {
    this.#cache.resetStats()
  }

  /** Decides by chance, and counts the miss. */
  #isMissed(key: K): boolean {
    const { bypass, fakeMissRate } = this.#debug
    if (!bypass && this.#context.random() >= fakeMissRate) return false
    countRead(this.#context, this.#eventKey(storedKey(key)), 'miss')
    return true
  }

  /** Runs the loader for this caller alone, within its hard timeout. */
  async #load(key: K, loader: Loader<V>, options: LoadOptions<V>): Promise<V | undefined> {
    const { clock, policy, stats } = this.#context
    const end = Promise.withResolvers<never>()
    const timeout = new AbortController()
    const { hardTimeoutMs } = policy.loading
    const timer = clock.setTimer(hardTimeoutMs, () => {
      const late = new CacheError('LOADER_TIMEOUT', `The loader took longer than ${hardTimeoutMs} ms`)
      timeout.abort(late)
      end.reject(late)
    })
    const signals = [timeout.signal, ...(options.signal ? [options.signal] : [])]
    const onAbort = (): void =>
      end.reject(new CacheError('ABORTED', 'The caller aborted the call', { cause: options.signal?.reason }))
    if (options.signal?.aborted) onAbort()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const request = { key, storedKey: storedKey(key), loader, options, maxAgeMs: Number.POSITIVE_INFINITY }
    try {
      stats.loads++
      const loading = runLoader(this.#context, request, AbortSignal.any(signals), undefined)
      return (await Promise.race([loading, end.promise])).value
    } catch (error) {
      stats.loadErrors++
      throw error
    } finally {
      timer.cancel()
      options.signal?.removeEventListener('abort', onAbort)
    }
  }
}
