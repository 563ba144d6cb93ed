import {
  CacheError,
  durationMs,
  isBackendError,
  valueFormat as format,
  type Change,
  type Condition,
  type Duration,
  type LocalEntry,
} from '@cache/ports'
import { parseStoredKey, ResolvedKey, storedKey, type CacheKey } from '../keys/cache-key.ts'
import { checkedTags, patternTag } from '../keys/tags.ts'
import type { Loader, LoadOptions } from '../loading/load-options.ts'
import type { LoadRequest } from '../loading/load-run.ts'
import { Loading } from '../loading/loading.ts'
import type { CacheStats } from '../stats/cache-stats.ts'
import { AtomicOperations, type UpdateOptions } from './atomic-operations.ts'
import type { AppendOptions, Cache, ValueWithMeta } from './cache.ts'
import { countRead, type CacheContext } from './cache-context.ts'
import { EntryReader, type FoundEntry } from './entry-reader.ts'
import { EntryWriter, type WriteOptions } from './entry-writer.ts'
import { KeyListing, type Wanted } from './key-listing.ts'
import { Resealing, type ResealCounts, type ResealPace } from './resealing.ts'
import { channels } from '../events/channels.ts'
import type { LocalCache } from './local-cache.ts'
import { added, appended } from './value-changes.ts'

const readChannel = channels['cache:read']
/** One for all calls without options, so that a hit allocates nothing. */
const noOptions = {}

/** A {@link Cache}: turns keys and options into what its parts take, and answers L1 hits by itself. */
export class CacheEngine<V, K extends CacheKey = CacheKey> implements Cache<V, K> {
  readonly name: string
  readonly #context: CacheContext<V>
  /** Absent where keys are hashed first: those look-ups go the longer way. */
  readonly #fastLocal: LocalCache | undefined
  readonly #reader: EntryReader<V>
  readonly #writer: EntryWriter<V>
  readonly #atomic: AtomicOperations<V>
  readonly #loading: Loading<V>
  readonly #listing: KeyListing
  readonly #hashKey: ((key: string) => string) | undefined
  #countedFromMs: number

  constructor(context: CacheContext<V>, hashKey: ((key: string) => string) | undefined) {
    this.name = context.name
    this.#context = context
    this.#fastLocal = hashKey ? undefined : context.local
    this.#reader = new EntryReader(context)
    this.#loading = new Loading(context, this.#reader)
    this.#writer = new EntryWriter(context, this.#loading)
    this.#atomic = new AtomicOperations(context, this.#reader, this.#writer)
    this.#listing = new KeyListing(context, hashKey !== undefined)
    this.#hashKey = hashKey
    this.#countedFromMs = context.clock.monotonicMs()
  }

  /** Keys are replaced by a keyed hash, and nobody can list them. */
  get hashesKeys(): boolean {
    return this.#hashKey !== undefined
  }

  /** @throws CacheError `INVALID_KEY` */
  storedKeyOf(key: CacheKey): string {
    return this.#stored(key)
  }

  get(key: K): Promise<V | undefined> {
    const entry = this.#fastLocal?.lookup(key)
    if (entry?.settled === undefined) return this.#getSlowly(key)
    this.#context.stats.localHits++
    if (readChannel.hasSubscribers) this.#publishLocalHit(key)
    return entry.settled as Promise<V | undefined>
  }

  async getMany(keys: readonly K[]): Promise<(V | undefined)[]> {
    const stored = keys.map((key) => this.#stored(key))
    if (stored.length <= this.#context.steps.pipelineSize) return this.#reader.getMany(stored)
    const values: (V | undefined)[] = []
    for (const step of this.#steps(stored)) values.push(...(await this.#reader.getMany(step)))
    return values
  }

  async getWithMeta(key: K): Promise<ValueWithMeta<V> | undefined> {
    const found = await this.#find(key)
    if (!found) return undefined
    const { value, source, ageMs, freshForMs, revision, version, tags } = found
    const stale = freshForMs <= 0
    const staleBecause = stale ? this.#loading.staleBecause(this.#stored(key), revision) : undefined
    return { value, source, stale, staleBecause, ageMs, freshForMs, revision, version, tags }
  }

  async isCurrent(key: K, revision: string): Promise<boolean> {
    return this.#reader.isCurrent(this.#stored(key), revision)
  }

  peek(key: K): V | undefined {
    const entry = this.#fastLocal ? this.#fastLocal.lookup(key) : this.#freshLocal(this.#stored(key))
    if (entry === undefined) return undefined
    this.#context.stats.localHits++
    return entry.format === format.live
      ? (entry.payload as V)
      : this.#reader.localValue(this.#stored(key), entry)
  }

  async has(key: K): Promise<boolean> {
    const found = await this.#find(key)
    return found !== undefined && found.freshForMs > 0 && found.value !== undefined
  }

  async ttl(key: K): Promise<number | undefined> {
    const found = await this.#find(key)
    return found && found.freshForMs > 0 ? found.freshForMs : undefined
  }

  getOrLoad(key: K, loader: Loader<V>, options: LoadOptions<V> = noOptions): Promise<V | undefined> {
    const entry = options.maxAge === undefined ? this.#fastLocal?.lookup(key) : undefined
    if (entry?.settled === undefined) return this.#load(key, loader, options)
    this.#context.stats.localHits++
    if (readChannel.hasSubscribers) this.#publishLocalHit(key)
    if (this.#loading.isDueAhead(entry)) this.#loading.loadAhead(this.#request(key, loader, options), entry)
    return entry.settled as Promise<V | undefined>
  }

  async set(key: K, value: V, options: WriteOptions<V> = {}): Promise<boolean> {
    const change = this.#setChange(key, value, options)
    return this.#store([change instanceof Promise ? await change : change])
  }

  async setMany(entries: Iterable<readonly [K, V]>, options: WriteOptions<V> = {}): Promise<boolean> {
    const changes: Change[] = []
    for (const [key, value] of entries) {
      const change = this.#setChange(key, value, options)
      // Only a schema makes it wait.
      changes.push(change instanceof Promise ? await change : change)
    }
    return this.#store(changes)
  }

  async delete(key: K): Promise<boolean> {
    return (await this.deleteMany([key])) === 1
  }

  async deleteMany(keys: readonly K[]): Promise<number> {
    return this.#deleteStored(keys.map((key) => this.#stored(key)))
  }

  async deleteMatching(pattern: string): Promise<number> {
    try {
      // Loads first: what one of them stores meanwhile is found among the entries.
      await this.#deletePages({ of: 'leases', pattern })
      const deleted = await this.#deletePages({ of: 'entries', pattern })
      await this.#writer.apply([{ kind: 'tags', tags: [patternTag(pattern)] }])
      return deleted
    } catch (error) {
      if (isBackendError(error)) this.#writer.forgetLocal()
      throw error
    }
  }

  async clear(): Promise<void> {
    await this.#writer.apply([{ kind: 'clear' }])
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    if (tags.length > 0) await this.#writer.apply([{ kind: 'tags', tags: checkedTags(tags) }])
  }

  async expire(key: K, ttl: Duration = 0): Promise<boolean> {
    return this.#expire(key, ttl, undefined)
  }

  async *keys(pattern = '*'): AsyncGenerator<string | string[]> {
    for await (const page of this.#listing.pages({ pattern }))
      for (const key of page) yield parseStoredKey(key)
  }

  async *keysWithTag(tag: string): AsyncGenerator<string | string[]> {
    for await (const page of this.#listing.pages({ pattern: '*', tag }))
      for (const key of page) yield parseStoredKey(key)
  }

  async countWithTags(tags: readonly string[]): Promise<number> {
    return this.#listing.countWithTags(tags)
  }

  size(): Promise<number> {
    return this.#context.store.count()
  }

  async update(
    key: K,
    change: (current: V | undefined) => V | undefined | Promise<V | undefined>,
    options: UpdateOptions<V> = {},
  ): Promise<V | undefined> {
    return this.#atomic.update(this.#stored(key), change, options)
  }

  async increment(
    this: Cache<number, K>,
    key: K,
    by = 1,
    options: UpdateOptions<number> = {},
  ): Promise<number> {
    const sum = await this.update(key, (current = 0) => added(current, by), options)
    return sum ?? 0
  }

  async append<T>(
    this: Cache<T[], K>,
    key: K,
    items: readonly T[],
    options: AppendOptions<T> = {},
  ): Promise<number> {
    const { maxLength = Number.POSITIVE_INFINITY, ...rest } = options
    const list = await this.update(key, (current = []) => appended(current, items, maxLength), rest)
    return list?.length ?? 0
  }

  async add(key: K, value: V, options: UpdateOptions<V> = {}): Promise<boolean> {
    return this.#atomic.setIf(this.#stored(key), value, { kind: 'absent' }, options)
  }

  async compareAndSet(key: K, revision: string, value: V, options: UpdateOptions<V> = {}): Promise<boolean> {
    return this.#atomic.setIf(this.#stored(key), value, { kind: 'revision', revision }, options)
  }

  async deleteIf(key: K, revision: string): Promise<boolean> {
    return this.#atomic.deleteIf(this.#stored(key), revision)
  }

  async expireIf(key: K, revision: string, ttl: Duration = 0): Promise<boolean> {
    return this.#expire(key, ttl, { kind: 'revision', revision })
  }

  stats(): CacheStats {
    const { local, clock, stats, name } = this.#context
    return stats.snapshot({
      cache: name,
      localEntries: local?.tier.size ?? 0,
      localBytes: local?.tier.sizeBytes ?? 0,
      uptimeMs: clock.monotonicMs() - this.#countedFromMs,
    })
  }

  resetStats(): void {
    this.#context.stats.reset()
    this.#countedFromMs = this.#context.clock.monotonicMs()
  }

  /** Seals what is sealed with another key anew. As {@link Resealing.run}; does nothing in a cache that is not sealed. */
  async reseal(pace: ResealPace, onStep: (counts: ResealCounts) => void): Promise<ResealCounts> {
    const resealing = new Resealing(this.#context, this.#reader, this.#writer)
    return resealing.run(pace, onStep)
  }

  /** Ends every load; for the end of the caches. */
  close(): void {
    this.#loading.flights.abortAll(new CacheError('CLOSED', 'The caches were closed'))
    if (!this.#context.store.local) this.#context.local?.reset()
  }

  #setChange(key: K, value: V, options: WriteOptions<V>): Change | Promise<Change> {
    if (value === undefined)
      throw new CacheError('INVALID_VALUE', 'undefined cannot be stored; delete the key instead')
    const checked = this.#writer.checked(value)
    if (checked instanceof Promise)
      return checked.then((settled) => this.#writer.setChange(this.#stored(key), settled, options))
    return this.#writer.setChange(this.#stored(key), checked, options)
  }

  /** `false` when the backend is away. */
  async #store(changes: readonly Change[]): Promise<boolean> {
    try {
      for (const step of this.#steps(changes)) await this.#writer.apply(step)
      return true
    } catch (error) {
      if (isBackendError(error)) return false
      throw error
    }
  }

  /** Async, so that a bad key rejects as every other failure does. */
  async #getSlowly(key: K): Promise<V | undefined> {
    return this.#reader.get(this.#stored(key))
  }

  async #load(key: K, loader: Loader<V>, options: LoadOptions<V>): Promise<V | undefined> {
    const request = this.#request(key, loader, options)
    const entry = this.#freshLocal(request.storedKey)
    const nowMs = this.#context.clock.monotonicMs()
    if (entry && nowMs - entry.bornAtMs <= request.maxAgeMs) {
      countRead(this.#context, request.storedKey, 'l1-hit')
      if (this.#loading.isDueAhead(entry)) this.#loading.loadAhead(request, entry)
      return this.#reader.localValue(request.storedKey, entry)
    }
    return this.#loading.load(request)
  }

  #request(key: K, loader: Loader<V>, options: LoadOptions<V>): LoadRequest<V> {
    const { maxAge } = options
    const maxAgeMs = maxAge === undefined ? Number.POSITIVE_INFINITY : durationMs(maxAge, 'maxAge')
    if (options.tags) checkedTags(options.tags)
    const given: CacheKey | ResolvedKey = key
    return { key: keyOf(given), storedKey: this.#stored(given), loader, options, maxAgeMs }
  }

  #freshLocal(key: string): LocalEntry | undefined {
    const entry = this.#context.local?.find(key)
    return entry && entry.freshUntilMs > this.#context.clock.monotonicMs() ? entry : undefined
  }

  /** An entry, fresh or stale; none when the backend is away. */
  async #find(key: K): Promise<FoundEntry<V> | undefined> {
    const stored = this.#stored(key)
    try {
      return await this.#reader.find(stored)
    } catch (error) {
      if (isBackendError(error)) return undefined
      throw error
    }
  }

  async #expire(key: K, ttl: Duration, when: RevisionCondition | undefined): Promise<boolean> {
    const freshForMs = durationMs(ttl, 'ttl')
    const stored = this.#stored(key)
    // The times are sealed in: only an end at once needs no new seal.
    if (this.#context.packer.sealer && freshForMs > 0)
      return this.#atomic.expireSealed(stored, freshForMs, when?.revision)
    const keptForMs = freshForMs + this.#context.policy.loading.staleForMs
    const change = { kind: 'expire', key: stored, freshForMs, keptForMs, when } as const
    const [outcome] = await this.#writer.apply([change])
    return outcome === 'applied'
  }

  async #deleteStored(storedKeys: readonly string[]): Promise<number> {
    let deleted = 0
    for (const step of this.#steps(storedKeys)) {
      const outcomes = await this.#writer.apply(step.map((key) => ({ kind: 'delete', key })))
      deleted += outcomes.filter((outcome) => outcome === 'applied').length
    }
    return deleted
  }

  /** A list in pieces that the backend is asked for one after the other. */
  *#steps<T>(list: readonly T[]): Generator<readonly T[]> {
    const size = Math.min(this.#context.steps.pipelineSize, Math.max(1, list.length))
    for (let from = 0; from < list.length; from += size)
      yield list.length <= size ? list : list.slice(from, from + size)
  }

  async #deletePages(wanted: Wanted): Promise<number> {
    let deleted = 0
    for await (const page of this.#listing.pages(wanted)) deleted += await this.#deleteStored(page)
    return deleted
  }

  #stored(key: CacheKey | ResolvedKey): string {
    if (key instanceof ResolvedKey) return key.stored
    const text = storedKey(key)
    return this.#hashKey ? this.#hashKey(text) : text
  }

  #publishLocalHit(key: K): void {
    const { prefix, name } = this.#context
    readChannel.publish({ prefix, cache: name, outcome: 'l1-hit', key: this.#stored(key) })
  }
}

function keyOf(key: CacheKey | ResolvedKey): CacheKey {
  return key instanceof ResolvedKey ? key.key : key
}

type RevisionCondition = Condition & { readonly kind: 'revision' }
