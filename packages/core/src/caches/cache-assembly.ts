import {
  CacheError,
  durationMs,
  refuseUnknown,
  type CacheProtection,
  type EntryStore,
  type EvictionReason,
  type StoreOptions,
} from '@cache/ports'
import { GuardedCache } from '../access/guarded-cache.ts'
import { CircuitBreaker, type BreakerOptions } from '../breaker/circuit-breaker.ts'
import { channels, type BackendCallEvent } from '../events/channels.ts'
import { MissingCache } from '../debug/missing-cache.ts'
import type { Cache } from '../engine/cache.ts'
import type { CacheContext } from '../engine/cache-context.ts'
import { CacheEngine } from '../engine/cache-engine.ts'
import { cachePolicy, entryLimit, type CacheOptions, type CachePolicy } from '../engine/cache-options.ts'
import { GuardedStore, type StoreGuard } from '../engine/guarded-store.ts'
import { LocalCache } from '../engine/local-cache.ts'
import { Packer } from '../engine/packer.ts'
import { ReplayGuard } from '../engine/replay-guard.ts'
import { Sealer } from '../engine/sealer.ts'
import type { CacheKey } from '../keys/cache-key.ts'
import { RefusedRefreshes } from '../loading/refused-refreshes.ts'
import { GuardedState } from '../state/guarded-state.ts'
import type { StateOptions, StateStore } from '../state/state-store.ts'
import { StatsCounters } from '../stats/cache-stats.ts'
import { EndingClock } from '../time/ending-clock.ts'
import { CachesAccess } from './caches-access.ts'
import type { CachesOptions, CachesSettings } from './caches-options.ts'
import { Publisher } from './publisher.ts'

/** A cache with the parts that `Caches` works on. */
export interface AssembledCache<V, K extends CacheKey> {
  /** What the caller gets: the engine, or the engine with reads that are made to miss. */
  readonly cache: Cache<V, K>
  readonly engine: CacheEngine<V, K>
  /** The engine, behind the access rules and the audit if there are any for it. */
  readonly guarded: Cache<V, K>
  readonly context: CacheContext<V>
  readonly policy: CachePolicy<V>
}

type StoreLimits = Pick<StoreOptions, 'version' | 'maxEntries' | 'maxBytes'>

/** Keys of a state store that is given no limit. */
const defaultStates = 1_000_000

/** Puts the parts of a cache together. */
export class CacheAssembly {
  readonly options: CachesOptions
  readonly settings: CachesSettings
  /** Of everything but the backend, which ends its own timers. */
  readonly clock: EndingClock
  /** Makes the gates of caches and handles. */
  readonly access: CachesAccess
  closed = false
  /** Absent where the store publishes, or nobody does. */
  readonly #publisher: Publisher | undefined

  constructor(options: CachesOptions, settings: CachesSettings) {
    this.options = options
    this.clock = new EndingClock(settings.clock)
    this.settings = { ...settings, clock: this.clock }
    this.access = new CachesAccess(settings.prefix, settings.security)
    const { transport } = options
    if (transport?.publishedBy === 'engine') {
      this.#publisher = new Publisher({
        transport,
        breaker: this.#breakerOptions(`transport ${transport.name}`, `the transport ${transport.name}`),
        onFailure: (cache, error) => this.#failed(cache, 'publish', error),
      })
    }
  }

  assemble<V, K extends CacheKey>(name: string, options: CacheOptions<V>): AssembledCache<V, K> {
    const { prefix, clock, random, newId, defaultTtl, within, maxStaleMs, steps } = this.settings
    const sensitive = this.settings.sensitivityOf(name)
    const policy = cachePolicy(options, { ttl: defaultTtl, within, maxStaleMs, sensitive })
    const protection = this.#protection(name, policy)
    const sealer = protection && this.#sealer(protection, policy.sensitive)
    const stats = new StatsCounters()
    const store = this.#store(name, policy, stats)
    const { sharing, codec, maxValueBytes } = policy
    const context: CacheContext<V> = {
      prefix,
      name,
      policy,
      store,
      stats,
      clock,
      random,
      newId,
      local: this.#local(name, policy, stats, store),
      packer: new Packer({ sharing, codec, maxValueBytes, sealer, payloads: store.payloads }),
      withinMs: policy.local?.withinMs ?? durationMs(within, 'within'),
      steps,
      refusedRefreshes: new RefusedRefreshes(clock),
      loaderBreaker: policy.loading.breaker ? this.#loaderBreaker(name, policy) : undefined,
    }
    const hashKey = policy.sensitive ? protection?.hashKey.bind(protection) : undefined
    const engine = new CacheEngine<V, K>(context, hashKey)
    const gate = this.access.gateOf(context)
    const guarded = gate ? new GuardedCache(engine, gate) : engine
    return { engine, guarded, context, policy, cache: this.#debugged(guarded, context, hashKey) }
  }

  /** A store for what is no cache. */
  assembleState(name: string, options: StateOptions): StateStore {
    refuseUnknown(options, ['maxEntries'], 'state')
    const { clock, random, newId } = this.settings
    const { capabilities } = this.options.backend
    const maxEntries = entryLimit(options.maxEntries ?? defaultStates, 'maxEntries')
    const limits = { version: 1, maxEntries, maxBytes: Number.POSITIVE_INFINITY }
    const entries = this.#store(name, limits, new StatsCounters())
    return new GuardedState({ name, capabilities, clock, random, newId, entries })
  }

  /** A store of the backend whose calls always end. */
  guard(name: string, store: EntryStore, stats: StatsCounters): GuardedStore {
    const { clock, slowOperationMs, commandTimeoutMs } = this.settings
    return new GuardedStore(store, {
      clock,
      breaker: new CircuitBreaker(this.#breakerOptions(name, `the cache '${name}'`)),
      timeoutMs: this.options.backend.capabilities.blocking ? undefined : commandTimeoutMs,
      isClosed: () => this.closed,
      onChange: this.#onChange(name, store, stats),
      onDone: (operation, tookMs) => {
        stats.storeLatency.record(tookMs)
        this.#called(name, operation, tookMs, 'ok')
        if (tookMs > slowOperationMs) this.#slow(name, operation, tookMs, stats)
      },
      onFailure: (operation, error, tookMs) => {
        stats.errors++
        this.#called(name, operation, tookMs, error.code)
        this.#failed(name, operation, error)
      },
    })
  }

  /** A store in this process is its own tier: nobody else holds anything of it. */
  #onChange(name: string, store: EntryStore, stats: StatsCounters): StoreGuard['onChange'] {
    const publisher = this.#publisher
    if (!publisher || store.local) return undefined
    return (changes, reply) => publisher.publish(name, changes, reply, stats)
  }

  #failed(cache: string, operation: string, error: CacheError): void {
    const { prefix } = this.settings
    channels['cache:failure'].publish({ prefix, cache, operation, code: error.code, error })
  }

  #debugged<V, K extends CacheKey>(
    cache: Cache<V, K>,
    context: CacheContext<V>,
    hashKey: ((key: string) => string) | undefined,
  ): Cache<V, K> {
    const { debug } = this.settings
    if (!debug.bypass && debug.fakeMissRate === 0) return cache
    return new MissingCache({ cache, context, debug, eventKey: hashKey ?? ((key) => key) })
  }

  #store(name: string, limits: StoreLimits, stats: StatsCounters): EntryStore {
    const { version, maxEntries, maxBytes } = limits
    const onEvict = (event: { readonly count: number; readonly reason: EvictionReason }): void =>
      this.#evicted(name, stats, event)
    return this.guard(
      name,
      this.options.backend.store({ cache: name, version, maxEntries, maxBytes, onEvict }),
      stats,
    )
  }

  #local<V>(
    name: string,
    policy: CachePolicy<V>,
    stats: StatsCounters,
    store: EntryStore,
  ): LocalCache | undefined {
    const { clock } = this.settings
    if (store.local) return new LocalCache(store.local, clock, undefined)
    if (!this.options.l1 || !policy.local) return undefined
    if (policy.local.withinMs === 0 && !store.unchangedSince) return undefined
    const { maxEntries, maxBytes, withinMs, aloneForMs } = policy.local
    const onEvict = (_key: string, reason: EvictionReason): void =>
      this.#evicted(name, stats, { count: 1, reason })
    const { poll } = this.options.transport ?? {}
    const tier = this.options.l1.createTier({ cache: name, maxEntries, maxBytes, onEvict })
    const counting = { onSync: () => void stats.syncs++, onAlone: () => void stats.aloneHits++ }
    const { ttlMs: longestMs, shortestTtlMs: shortestMs } = policy.local
    const adaptive = shortestMs === undefined ? undefined : { shortestMs, longestMs }
    return new LocalCache(tier, clock, { store, withinMs, aloneForMs, poll, ...counting }, adaptive)
  }

  /** What seals a cache's payloads: nothing, unless it is sensitive or signed. */
  #protection<V>(name: string, { sensitive, signed, version }: CachePolicy<V>): CacheProtection | undefined {
    if (!sensitive && !signed) return undefined
    const { protection } = this.options
    const { prefix } = this.settings
    if (protection && (!sensitive || protection.confidential))
      return protection.forCache({ prefix, cache: name, version, mode: sensitive ? 'encrypt' : 'sign' })
    const mend = sensitive
      ? `is sensitive; give createCaches a 'protection' that encrypts, such as encryption() of @cache/crypto, or say 'sensitive: false'`
      : `is signed; give createCaches a 'protection', such as encryption() or signing() of @cache/crypto`
    throw new CacheError('INVALID_OPTION', `The cache '${name}' ${mend}`)
  }

  #sealer(protection: CacheProtection, confidential: boolean): Sealer {
    const { clock, security } = this.settings
    const toleranceMs = security.clockToleranceMs
    return new Sealer({ protection, confidential, clock, toleranceMs, guard: new ReplayGuard(toleranceMs) })
  }

  #loaderBreaker<V>(name: string, { loading }: CachePolicy<V>): CircuitBreaker {
    const options = this.#breakerOptions(`loader ${name}`, `the loaders of '${name}'`)
    return new CircuitBreaker({ ...options, code: 'LOADER_FAILED', probeTimeoutMs: loading.hardTimeoutMs })
  }

  #breakerOptions(breaker: string, name: string): BreakerOptions {
    const { prefix, clock, commandTimeoutMs, openForMs, failureShare, minimumCalls, windowCalls } =
      this.settings
    return {
      clock,
      openForMs,
      failureShare,
      minimumCalls,
      windowCalls,
      name,
      probeTimeoutMs: commandTimeoutMs,
      onStateChange: (state) => channels['cache:breaker'].publish({ prefix, breaker, state }),
    }
  }

  #called(cache: string, operation: string, tookMs: number, outcome: BackendCallEvent['outcome']): void {
    if (!channels['cache:operation'].hasSubscribers) return
    const { prefix } = this.settings
    channels['cache:operation'].publish({ prefix, cache, operation, durationMs: tookMs, outcome })
  }

  #slow(cache: string, operation: string, tookMs: number, stats: StatsCounters): void {
    stats.slowOperations++
    channels['cache:slow'].publish({ prefix: this.settings.prefix, cache, operation, durationMs: tookMs })
  }

  #evicted(
    cache: string,
    stats: StatsCounters,
    event: { readonly count: number; readonly reason: EvictionReason },
  ): void {
    stats.evictions[event.reason] += event.count
    if (!channels['cache:evict'].hasSubscribers) return
    channels['cache:evict'].publish({ prefix: this.settings.prefix, cache, ...event })
  }
}
