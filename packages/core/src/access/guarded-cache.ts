import type { Duration } from '@cache/ports'
import type { UpdateOptions } from '../engine/atomic-operations.ts'
import type { AppendOptions, Cache, ValueWithMeta } from '../engine/cache.ts'
import type { CacheEngine } from '../engine/cache-engine.ts'
import type { WriteOptions } from '../engine/entry-writer.ts'
import { keyText, ResolvedKey, type CacheKey } from '../keys/cache-key.ts'
import type { Loader, LoadOptions } from '../loading/load-options.ts'
import type { CacheStats } from '../stats/cache-stats.ts'
import type { AuditKey, CallGate } from './call-gate.ts'

/** A cache whose calls pass a gate: what it may not do is denied, and what the audit is to know is recorded. */
export class GuardedCache<V, K extends CacheKey = CacheKey> implements Cache<V, K> {
  readonly name: string
  readonly #cache: CacheEngine<V, K>
  readonly #gate: CallGate
  /** Keys are hashed once, for the audit and for the cache. */
  readonly #hashed: boolean

  constructor(cache: CacheEngine<V, K>, gate: CallGate) {
    this.name = cache.name
    this.#cache = cache
    this.#gate = gate
    this.#hashed = cache.hashesKeys
  }

  /** As every other call, in one step where nothing is to be waited for. */
  async get(key: K): Promise<V | undefined> {
    const resolved = this.#resolved(key)
    if (!this.#gate.isPassing('get')) return this.#get(resolved)
    const value = await this.#cache.get(resolved)
    this.#gate.noteRead(this.#named(resolved), value !== undefined)
    return value
  }

  async getMany(keys: readonly K[]): Promise<(V | undefined)[]> {
    const resolved = keys.map((key) => this.#resolved(key))
    return this.#gate.pass(
      'get',
      () => resolved.map((key) => this.#named(key)),
      () => this.#cache.getMany(resolved),
      (values) => values.map((value) => value !== undefined),
    )
  }

  async getWithMeta(key: K): Promise<ValueWithMeta<V> | undefined> {
    const resolved = this.#resolved(key)
    return this.#gate.pass(
      'get',
      () => [this.#named(resolved)],
      () => this.#cache.getWithMeta(resolved),
      oneHit,
    )
  }

  peek(key: K): V | undefined {
    const resolved = this.#resolved(key)
    return this.#gate.passNow(
      'get',
      () => this.#named(resolved),
      () => this.#cache.peek(resolved),
      isHit,
    )
  }

  async has(key: K): Promise<boolean> {
    const resolved = this.#resolved(key)
    return this.#gate.pass(
      'get',
      () => [this.#named(resolved)],
      () => this.#cache.has(resolved),
      (there) => [there],
    )
  }

  async ttl(key: K): Promise<number | undefined> {
    const resolved = this.#resolved(key)
    return this.#gate.pass(
      'get',
      () => [this.#named(resolved)],
      () => this.#cache.ttl(resolved),
      oneHit,
    )
  }

  async isCurrent(key: K, revision: string): Promise<boolean> {
    const resolved = this.#resolved(key)
    return this.#gate.pass(
      'get',
      () => [this.#named(resolved)],
      () => this.#cache.isCurrent(resolved, revision),
      (current) => [current],
    )
  }

  async getOrLoad(key: K, loader: Loader<V>, options?: LoadOptions<V>): Promise<V | undefined> {
    const resolved = this.#resolved(key)
    let loaded = false
    const noticed: Loader<V> = (context) => {
      loaded = true
      return loader(context)
    }
    const call = (): Promise<V | undefined> =>
      this.#gate.asCaller(() => this.#cache.getOrLoad(resolved, noticed, options))
    return this.#gate.pass(
      'load',
      () => [this.#named(resolved)],
      call,
      () => [!loaded],
    )
  }

  async set(key: K, value: V, options?: WriteOptions<V>): Promise<boolean> {
    return this.#keyed('set', key, (resolved) => this.#cache.set(resolved, value, options))
  }

  async setMany(entries: Iterable<readonly [K, V]>, options?: WriteOptions<V>): Promise<boolean> {
    const resolved = Array.from(entries, ([key, value]) => [this.#resolved(key), value] as const)
    return this.#gate.pass(
      'set',
      () => resolved.map(([key]) => this.#named(key)),
      () => this.#cache.setMany(resolved, options),
    )
  }

  async add(key: K, value: V, options?: UpdateOptions<V>): Promise<boolean> {
    return this.#keyed('set', key, (resolved) => this.#cache.add(resolved, value, options))
  }

  async compareAndSet(key: K, revision: string, value: V, options?: UpdateOptions<V>): Promise<boolean> {
    return this.#keyed('set', key, (resolved) =>
      this.#cache.compareAndSet(resolved, revision, value, options),
    )
  }

  async update(
    key: K,
    change: (current: V | undefined) => V | undefined | Promise<V | undefined>,
    options?: UpdateOptions<V>,
  ): Promise<V | undefined> {
    return this.#keyed('update', key, (resolved) =>
      this.#gate.asCaller(() => this.#cache.update(resolved, change, options)),
    )
  }

  async increment(
    this: Cache<number, K>,
    key: K,
    by?: number,
    options?: UpdateOptions<number>,
  ): Promise<number> {
    const guarded = this as GuardedCache<number, K>
    return guarded.#keyed('update', key, (resolved) => guarded.#cache.increment(resolved, by, options))
  }

  async append<T>(
    this: Cache<T[], K>,
    key: K,
    items: readonly T[],
    options?: AppendOptions<T>,
  ): Promise<number> {
    const guarded = this as GuardedCache<T[], K>
    return guarded.#keyed('update', key, (resolved) => guarded.#cache.append(resolved, items, options))
  }

  async delete(key: K): Promise<boolean> {
    return this.#keyed('delete', key, (resolved) => this.#cache.delete(resolved))
  }

  async deleteMany(keys: readonly K[]): Promise<number> {
    const resolved = keys.map((key) => this.#resolved(key))
    return this.#gate.pass(
      'delete',
      () => resolved.map((key) => this.#named(key)),
      () => this.#cache.deleteMany(resolved),
    )
  }

  async deleteMatching(pattern: string): Promise<number> {
    return this.#gate.pass(
      'delete',
      () => [plainly(pattern)],
      () => this.#cache.deleteMatching(pattern),
    )
  }

  async deleteIf(key: K, revision: string): Promise<boolean> {
    return this.#keyed('delete', key, (resolved) => this.#cache.deleteIf(resolved, revision))
  }

  async expire(key: K, ttl?: Duration): Promise<boolean> {
    return this.#keyed('expire', key, (resolved) => this.#cache.expire(resolved, ttl))
  }

  async expireIf(key: K, revision: string, ttl?: Duration): Promise<boolean> {
    return this.#keyed('expire', key, (resolved) => this.#cache.expireIf(resolved, revision, ttl))
  }

  async clear(): Promise<void> {
    await this.#gate.pass('clear', wholeCache, () => this.#cache.clear())
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    await this.#gate.pass(
      'invalidate',
      () => tags.map(plainly),
      () => this.#cache.invalidateTags(tags),
    )
  }

  async *keys(pattern?: string): AsyncGenerator<string | string[]> {
    await this.#gate.pass('inspect', wholeCache, () => undefined)
    yield* this.#cache.keys(pattern)
  }

  async *keysWithTag(tag: string): AsyncGenerator<string | string[]> {
    await this.#gate.pass(
      'inspect',
      () => [plainly(tag)],
      () => undefined,
    )
    yield* this.#cache.keysWithTag(tag)
  }

  async countWithTags(tags: readonly string[]): Promise<number> {
    return this.#gate.pass(
      'inspect',
      () => tags.map(plainly),
      () => this.#cache.countWithTags(tags),
    )
  }

  async size(): Promise<number> {
    return this.#gate.pass('inspect', wholeCache, () => this.#cache.size())
  }

  stats(): CacheStats {
    return this.#cache.stats()
  }

  resetStats(): void {
    this.#gate.passNow(
      'inspect',
      () => plainly('resetStats'),
      () => this.#cache.resetStats(),
      () => false,
    )
  }

  #get(resolved: K): Promise<V | undefined> {
    return this.#gate.pass(
      'get',
      () => [this.#named(resolved)],
      () => this.#cache.get(resolved),
      oneHit,
    )
  }

  #keyed<T>(
    operation: 'set' | 'update' | 'delete' | 'expire',
    key: K,
    call: (key: K) => Promise<T>,
  ): Promise<T> {
    const resolved = this.#resolved(key)
    return this.#gate.pass(
      operation,
      () => [this.#named(resolved)],
      () => call(resolved),
    )
  }

  /** The engine takes a key that it has hashed already in place of the key itself. */
  #resolved(key: K): K {
    return this.#hashed ? (new ResolvedKey(key, this.#cache.storedKeyOf(key)) as unknown as K) : key
  }

  #named(key: K): AuditKey {
    const named: unknown = key
    return named instanceof ResolvedKey ? { key: named.stored, hashed: true } : plainly(keyText(key))
  }
}

function plainly(key: string): AuditKey {
  return { key, hashed: false }
}

function wholeCache(): readonly undefined[] {
  return [undefined]
}

function isHit(value: unknown): boolean {
  return value !== undefined
}

function oneHit(value: unknown): readonly boolean[] {
  return [value !== undefined]
}
