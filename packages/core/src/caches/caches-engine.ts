import {
  CacheError,
  type Change,
  type Clock,
  type EntryStore,
  type Invalidation,
  type TransportListener,
} from '@cache/ports'
import { logEvents } from '../debug/event-log.ts'
import { channels } from '../events/channels.ts'
import { GuardedCache } from '../access/guarded-cache.ts'
import type { Cache } from '../engine/cache.ts'
import type { CacheContext } from '../engine/cache-context.ts'
import type { CacheOptions } from '../engine/cache-options.ts'
import { checkCacheName, isStateName, stateName } from '../keys/cache-name.ts'
import { checkedTags } from '../keys/tags.ts'
import type { CacheKey } from '../keys/cache-key.ts'
import { StatsCounters } from '../stats/cache-stats.ts'
import type { StateOptions, StateStore } from '../state/state-store.ts'
import type { AssembledCache, CacheAssembly } from './cache-assembly.ts'
import { CacheRegistry, type DefinedCache } from './cache-registry.ts'
import type {
  Caches,
  CachesHealth,
  CachesStats,
  HandleOptions,
  ResealOptions,
  ResealProgress,
} from './caches.ts'
import { checkHealth, healthCacheName } from './health.ts'
import { installationCacheName, readInstallation, writeInstallation } from './installation.ts'
import { resealCaches } from './resealer.ts'
import { Upkeep } from './upkeep.ts'

/** Implements {@link Caches}. */
export class CachesEngine implements Caches {
  readonly prefix: string
  readonly clock: Clock
  readonly #assembly: CacheAssembly
  readonly #registry = new CacheRegistry()
  readonly #contexts = new Map<string, CacheContext<unknown>>()
  readonly #upkeep: Upkeep
  readonly #stopLog: () => void
  #countedFromMs: number
  #closing: Promise<void> | undefined

  constructor(assembly: CacheAssembly) {
    const { prefix, clock, upkeepIntervalMs, upkeepBatchSize, upkeepOnStart, debug } = assembly.settings
    this.prefix = prefix
    this.clock = clock
    this.#stopLog = logEvents(prefix, debug.log)
    this.#assembly = assembly
    this.#countedFromMs = clock.monotonicMs()
    this.#upkeep = new Upkeep({
      clock,
      intervalMs: upkeepIntervalMs,
      batchSize: upkeepBatchSize,
      onStart: upkeepOnStart,
      stores: () => this.#openStores,
    })
  }

  define<V, K extends CacheKey = CacheKey>(name: string, options: CacheOptions<V> = {}): Cache<V, K> {
    if (name === healthCacheName || name === installationCacheName)
      throw new CacheError('CACHE_CONFLICT', `'${name}' is a name of the library's own`)
    if (isStateName(checkCacheName(name)))
      throw new CacheError('CACHE_CONFLICT', `Names that begin with 'state' are those of what is no cache`)
    return this.#add<V, K>(name, options).cache
  }

  defineState<V, K extends CacheKey = CacheKey>(name: string, options: CacheOptions<V> = {}): Cache<V, K> {
    return this.#add<V, K>(stateName(name), { ...options, l1: false }).guarded
  }

  state(name: string, options: StateOptions = {}): StateStore {
    this.#refuseClosed()
    this.#registry.check(stateName(name))
    const store = this.#assembly.assembleState(stateName(name), options)
    this.#registry.addState(store.name, store.entries)
    return store
  }

  open<V, K extends CacheKey = CacheKey>(name: string, handle: HandleOptions): Cache<V, K> {
    this.#refuseClosed()
    const engine = this.#registry.get(name)
    const context = this.#contexts.get(name)
    if (!engine || !context)
      throw new CacheError('INVALID_OPTION', `open: the cache '${name}' is not defined`)
    return new GuardedCache<V, K>(engine as never, this.#assembly.access.handleOf(context, handle))
  }

  list(): readonly DefinedCache[] {
    return this.#registry.list()
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return
    const names = checkedTags(tags).map((key) => ({ key, hashed: false }))
    await this.#assembly.access.passAll('invalidate', names, this.#cacheContexts, () =>
      this.#everywhere({ kind: 'tags', tags }),
    )
  }

  async clear(): Promise<void> {
    await this.#assembly.access.passAll('clear', [undefined], this.#cacheContexts, () =>
      this.#everywhere({ kind: 'clear' }),
    )
  }

  async reseal(options: ResealOptions = {}): Promise<ResealProgress> {
    this.#refuseClosed()
    const sealed = [...this.#contexts].filter(([, { packer }]) => packer.sealer !== undefined)
    const engines = sealed.flatMap(([name]) => this.#registry.get(name) ?? [])
    return this.#assembly.access.passAll('rotate', [undefined], new Map(sealed), () =>
      resealCaches(engines, options),
    )
  }

  purge(): Promise<number> {
    return this.#upkeep.run()
  }

  stats(): CachesStats {
    const { options, settings } = this.#assembly
    return {
      backend: options.backend.name,
      uptimeMs: settings.clock.monotonicMs() - this.#countedFromMs,
      caches: this.#registry.engines.map((engine) => engine.stats()),
    }
  }

  async sizes(): Promise<Readonly<Record<string, number>>> {
    const counts = this.#registry.engines.map(async (engine) => {
      const size = await engine.size().catch(() => undefined)
      return size === undefined ? [] : [[engine.name, size] as const]
    })
    return Object.fromEntries((await Promise.all(counts)).flat())
  }

  resetStats(): void {
    this.#countedFromMs = this.#assembly.settings.clock.monotonicMs()
    for (const engine of this.#registry.engines) engine.resetStats()
  }

  health(): Promise<CachesHealth> {
    const { backend } = this.#assembly.options
    return checkHealth(backend, () => this.#store(healthCacheName), this.#assembly.settings.newId())
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Starts what needs the backend: the protection, which asks whose entries it holds. */
  async startProtection(report: (message: string, error?: unknown) => void): Promise<void> {
    const { options, settings } = this.#assembly
    const { clock, newId } = settings
    await options.protection?.start({
      clock,
      report,
      readInstallation: () => readInstallation(this.#store(installationCacheName)),
      writeInstallation: (id) => writeInstallation(this.#store(installationCacheName), id, newId()),
    })
  }

  startUpkeep(): void {
    this.#upkeep.start()
  }

  /** What a transport calls. */
  get transportListener(): TransportListener {
    return {
      onMessage: ({ cache, epoch, invalidation }) => {
        const context = this.#contexts.get(cache)
        if (!context?.local) return
        context.stats.messages++
        this.#publishArrival(cache, invalidation)
        context.local.receive(epoch, invalidation)
      },
      onConnect: () => {
        for (const { local } of this.#contexts.values()) local?.repair()
      },
      onTouched: (touched) => {
        const all = touched === undefined ? this.#contexts.values() : [this.#contexts.get(touched.cache)]
        for (const context of all) context?.local?.touched(touched?.keys)
      },
    }
  }

  #publishArrival(cache: string, invalidation: Invalidation): void {
    if (!channels['cache:arrival'].hasSubscribers) return
    const { kind } = invalidation
    const names = kind === 'keys' ? invalidation.keys : kind === 'tags' ? invalidation.tags : []
    channels['cache:arrival'].publish({ prefix: this.prefix, cache, kind, names })
  }

  get #openStores(): EntryStore[] {
    const ofCaches = Array.from(this.#contexts.values(), ({ store }) => store)
    return [...ofCaches, ...this.#registry.stateStores]
  }

  #add<V, K extends CacheKey>(name: string, options: CacheOptions<V>): AssembledCache<V, K> {
    this.#refuseClosed()
    this.#registry.check(name)
    const assembled = this.#assembly.assemble<V, K>(name, options)
    const { engine, context, policy } = assembled
    const { version, sensitive, maxEntries, maxBytes } = policy
    this.#registry.add({ engine: engine as never, facts: { version, sensitive, maxEntries, maxBytes } })
    this.#contexts.set(name, context as never)
    if (context.local && !context.store.local) this.#assembly.options.transport?.follow?.(name)
    return assembled
  }

  /** Of caches alone: what is no cache is left alone by what is done to all caches. */
  get #cacheContexts(): Map<string, CacheContext<unknown>> {
    return new Map([...this.#contexts].filter(([name]) => !isStateName(name)))
  }

  /** One change in every cache of the backend: through its engine where it is defined here. State is no cache. */
  async #everywhere(change: Change & { readonly kind: 'tags' | 'clear' }): Promise<void> {
    this.#refuseClosed()
    const engines = this.#registry.engines.filter((engine) => !isStateName(engine.name))
    const defined = engines.map((engine) =>
      change.kind === 'clear' ? engine.clear() : engine.invalidateTags(change.tags),
    )
    const results = await Promise.allSettled([...defined, this.#inOtherCaches(change)])
    const failure = results.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
  }

  /** Caches that hold state in the backend and that this process has not defined. */
  async #inOtherCaches(change: Change): Promise<void> {
    const names = await this.#assembly.options.backend.cacheNames()
    const isOther = (name: string): boolean =>
      name !== installationCacheName && !this.#registry.has(name) && !isStateName(name)
    const others = names.filter(isOther)
    await Promise.all(others.map((name) => this.#store(name).change([change])))
  }

  /** A guarded store of a cache that is not defined here. */
  #store(cache: string): EntryStore {
    const { options } = this.#assembly
    const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
    const store = options.backend.store({ cache, version: 1, ...limits, onEvict: () => undefined })
    return this.#assembly.guard(cache, store, new StatsCounters())
  }

  async #close(): Promise<void> {
    const { options } = this.#assembly
    this.#assembly.closed = true
    this.#stopLog()
    for (const engine of this.#registry.engines) engine.close()
    const upkeepStopped = this.#upkeep.stop()
    this.#assembly.clock.end()
    await upkeepStopped
    const results = await Promise.allSettled([
      options.transport?.close(),
      options.backend.close(),
      options.protection?.close(),
      options.security?.audit?.close(),
    ])
    const failure = results.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
  }

  #refuseClosed(): void {
    if (this.#assembly.closed) throw new CacheError('CLOSED', 'The caches were closed')
  }
}
