import { createCaches } from '@cache/core'
import type { Cache, Caches, EntryStore, Environment, LocalOptions, LocalTierFactory } from '@cache/core'
import { forwardingStore } from '../forwarding.ts'
import { Application } from './application.ts'
import type { AtomicLedger } from './atomic-ledger.ts'
import { cacheAside } from './cache-aside.ts'
import type { HistoryChecker } from './history-checker.ts'
import type { Mutation, MutationPlace } from './mutation.ts'
import type { CachePlan, SeedPlan } from './seed-plan.ts'
import { connectedStore, simulatedBackend, type ConnectionOptions } from './simulated-backend.ts'
import type { SimulatedServer } from './simulated-server.ts'
import { indexOf } from './simulated-cache.ts'
import { simulatedTiers } from './simulated-tier.ts'
import type { SimulatedBus } from './simulated-transport.ts'
import { tracedStore } from './traced-store.ts'
import type { Truth } from './truth.ts'
import type { VirtualProcess } from './virtual-process.ts'

/** What is under test: the engine, or what most applications write themselves. */
export type Variant =
  | 'engine'
  /** Get; on a miss load and set; on a change delete. */
  | 'cache-aside'
  /** The same with one load of a key at a time in each process. */
  | 'mutex'

/** What all processes of one run share. */
export interface SimulationParts {
  readonly variant: Variant
  readonly plan: SeedPlan
  readonly mutation: Mutation
  readonly server: SimulatedServer
  readonly bus: SimulatedBus
  readonly truth: Truth
  readonly checker: HistoryChecker
  readonly ledger: AtomicLedger
  readonly trace: ((line: string) => void) | undefined
}

/** One virtual process: the engine, or a variant, and the application that uses it. */
export class SimulatedProcess {
  readonly process: VirtualProcess
  readonly #parts: SimulationParts
  #application: Application | undefined
  #caches: Caches | undefined
  /** When each key was last granted to this process. */
  readonly #grantedAtMs = new Map<string, number>()

  constructor(process: VirtualProcess, parts: SimulationParts) {
    this.process = process
    this.#parts = parts
    if (parts.variant === 'engine') void this.#start()
    else this.#run(this.#cacheAside(), undefined, undefined)
  }

  /** Calls of the application that have not settled. */
  get pending(): number {
    return this.#application?.pending ?? 0
  }

  crash(): void {
    this.process.crash()
    this.#parts.bus.forget(this.process)
    this.#application?.crashed()
  }

  /** No more bursts. */
  quiesce(): void {
    this.#application?.stop()
  }

  close(): Promise<void> {
    return this.#caches?.close() ?? Promise.resolve()
  }

  async #start(): Promise<void> {
    const { plan, bus, checker } = this.#parts
    const { cache } = plan
    try {
      this.#caches = await createCaches({
        backend: simulatedBackend(this.#connection(false), (store) => this.#decorated(store)),
        l1: cache.l1 ? this.#tiers() : undefined,
        transport: bus.transport(this.process),
        within: cache.withinMs * (this.#parts.mutation.withinFactor ?? 1),
        resilience: { commandTimeout: cache.commandTimeoutMs, openFor: 100 },
        upkeep: { interval: 900 },
        environment: this.#environment(),
      })
      const { data, counters, lists } = defineCaches(this.#caches, plan, this.#parts.mutation)
      this.#run(data, counters, lists)
    } catch (error) {
      checker.violate('rejection', '', `the caches did not start: ${String(error)}`)
    }
  }

  #run(
    cache: Cache<number> | ReturnType<typeof cacheAside>,
    counters: Cache<number> | undefined,
    lists: Cache<number[]> | undefined,
  ): void {
    const { plan, truth, checker, ledger, trace, variant } = this.#parts
    const isLeased =
      variant === 'engine'
        ? (key: string) => this.#grantedAtMs.get(key) === this.process.time.nowMs
        : () => true
    const { process } = this
    this.#application = new Application({
      process,
      plan,
      truth,
      checker,
      ledger,
      cache,
      counters,
      lists,
      isLeased,
      trace,
    })
  }

  #cacheAside(): ReturnType<typeof cacheAside> {
    const { plan, variant } = this.#parts
    return cacheAside({
      store: connectedStore('data', this.#connection(true)),
      newId: () => this.#newId(),
      ttlMs: plan.cache.ttlMs,
      keys: plan.keys,
      tags: plan.tags,
      mutex: variant === 'mutex',
    })
  }

  #connection(tellsLosses: boolean): ConnectionOptions {
    const { plan, server, mutation, truth } = this.#parts
    return {
      process: this.process,
      server,
      plan,
      tellsLosses,
      runsLateCommands: mutation.server?.runsLateCommands ?? false,
      onExpire: (storedKey) => truth.expire(indexOf(storedKey)),
      onArrival: (entry, transitMs) => {
        const record = truth.records[Number(entry.payload)]
        if (record) record.transitMs = Math.max(record.transitMs, transitMs)
      },
    }
  }

  #decorated(store: EntryStore): EntryStore {
    const { mutation, trace } = this.#parts
    const mutated = mutation.store?.(store, this.#place()) ?? store
    const granting = this.#withGrants(mutated)
    return trace ? tracedStore(granting, `p${this.process.id}`, trace) : granting
  }

  /** Notes the leases that reach the engine in time: the load that follows at once is done with it. */
  #withGrants(store: EntryStore): EntryStore {
    const { time } = this.process
    const { commandTimeoutMs } = this.#parts.plan.cache
    return {
      ...forwardingStore(store),
      acquire: async (key, request) => {
        const sentMs = time.nowMs
        const reply = await store.acquire(key, request)
        const isGrant = (reply.kind === 'lease' || reply.kind === 'stale') && reply.lease !== undefined
        if (isGrant && time.nowMs - sentMs < commandTimeoutMs) this.#grantedAtMs.set(key, time.nowMs)
        return reply
      },
    }
  }

  #tiers(): LocalTierFactory {
    const { tier } = this.#parts.mutation
    if (!tier) return simulatedTiers
    return { createTier: (options) => tier(simulatedTiers.createTier(options), this.#place()) }
  }

  #environment(): Environment {
    const { time } = this.process
    const environment = { clock: this.process, random: () => time.random(), newId: () => this.#newId() }
    return this.#parts.mutation.environment?.(environment, this.#place()) ?? environment
  }

  #newId(): string {
    const { time } = this.process
    return `${time.below(2 ** 30).toString(36)}${time.below(2 ** 30).toString(36)}`
  }

  #place(): MutationPlace {
    return { process: this.process, plan: this.#parts.plan }
  }
}

/** Fewer than most seeds have keys, so that L1 evicts. */
const localEntries = 5

function localOptions({ aloneForMs, shortestTtlMs, ttlMs }: CachePlan, aloneFactor: number): LocalOptions {
  const maxEntries = localEntries
  const alone = aloneForMs > 0 ? { aloneFor: aloneForMs * aloneFactor } : {}
  const adaptive = shortestTtlMs > 0 ? { ttl: ttlMs, shortestTtl: shortestTtlMs } : {}
  return { maxEntries, ...alone, ...adaptive }
}

function defineCaches(
  caches: Caches,
  { cache }: SeedPlan,
  { aloneFactor = 1 }: Mutation,
): { readonly data: Cache<number>; readonly counters: Cache<number>; readonly lists: Cache<number[]> } {
  const { staleForMs, staleWhileRevalidate, negativeTtlMs, refreshAhead, jitter } = cache
  return {
    data: caches.define<number>('data', {
      ttl: cache.ttlMs,
      l1: cache.l1 ? localOptions(cache, aloneFactor) : false,
      loading: {
        staleFor: staleForMs,
        staleWhileRevalidate,
        negativeTtl: negativeTtlMs,
        refreshAhead,
        jitter,
        softTimeout: cache.softTimeoutMs,
        hardTimeout: cache.hardTimeoutMs,
        leaseTime: cache.leaseMs,
        retryAfter: 100,
      },
    }),
    counters: caches.define<number>('counters', { ttl: Number.POSITIVE_INFINITY }),
    lists: caches.define<number[]>('lists', { ttl: Number.POSITIVE_INFINITY }),
  }
}
