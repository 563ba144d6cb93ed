import { CacheError, valueFormat } from '@cache/core'
import type { CacheBackend, EntryStore, NewEntry, StoreOptions } from '@cache/core'
import type { SeedPlan } from './seed-plan.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { VirtualProcess } from './virtual-process.ts'

export interface ConnectionOptions {
  readonly process: VirtualProcess
  readonly server: SimulatedServer
  readonly plan: SeedPlan
  /** Whether commands past their deadline are carried out all the same. */
  readonly runsLateCommands: boolean
  /** A write reached the server this long after it was sent. */
  readonly onArrival: (entry: NewEntry, transitMs: number) => void
  /** A key was made stale by a call: it may be served as such for its whole stale time from now on. */
  readonly onExpire: (storedKey: string) => void
  /** Every lost message becomes an error, for callers without timeouts of their own. */
  readonly tellsLosses: boolean
}

/** The backend of one process: a network between it and the server. */
export function simulatedBackend(
  options: ConnectionOptions,
  decorate: (store: EntryStore, storeOptions: StoreOptions) => EntryStore = (store) => store,
): CacheBackend {
  const stores = new Map<string, EntryStore>()
  return {
    name: 'simulated',
    capabilities: {
      shared: 'network',
      persistent: true,
      blocking: false,
      transactional: true,
      publishes: options.plan.transport.publishedBy === 'backend',
    },
    start: async () => undefined,
    store: (storeOptions) => {
      const { cache } = storeOptions
      const store = stores.get(cache) ?? decorate(connectedStore(cache, options), storeOptions)
      stores.set(cache, store)
      return store
    },
    cacheNames: async () => options.server.names,
    health: async () => ({ healthy: true, details: {}, warnings: [] }),
    close: async () => undefined,
  }
}

/** A store at the other end of the network. */
export function connectedStore(cache: string, options: ConnectionOptions): EntryStore {
  const { server, plan, process } = options
  const { time } = process
  const store = server.store(cache)
  const call = new Connection(options)
  const arrived = (entry: NewEntry, sentMs: number): void => {
    if (cache === 'data' && entry.format !== valueFormat.negative)
      options.onArrival(entry, time.nowMs - sentMs)
  }
  return {
    payloads: 'encoded',
    read: async (keys) => {
      const reply = await call.ask(() => store.read(keys))
      return plan.stamps ? reply : { entries: reply.entries }
    },
    acquire: async (key, request) => {
      const reply = await call.tell(() => store.acquire(key, request))
      return reply.kind === 'hit' && !plan.stamps ? { kind: 'hit', entry: reply.entry } : reply
    },
    renew: (key, lease, leaseMs) => call.tell(() => store.renew(key, lease, leaseMs)),
    fill: async (key, lease, entry) => {
      const sentMs = time.nowMs
      const reply = await call.tell(() => {
        arrived(entry, sentMs)
        return store.fill(key, lease, entry)
      })
      return reply.accepted && !plan.stamps ? { accepted: true } : reply
    },
    release: (key, lease, end) => call.tell(() => store.release(key, lease, end)),
    change: async (changes) => {
      const sentMs = time.nowMs
      const reply = await call.tell(() => {
        for (const change of changes) {
          if (change.kind === 'set') arrived(change.entry, sentMs)
          else if (change.kind === 'expire') options.onExpire(change.key)
        }
        return store.change(changes)
      })
      return plan.stamps ? reply : { outcomes: reply.outcomes, stamp: reply.stamp }
    },
    scan: (request) => call.ask(() => store.scan(request)),
    count: () => call.ask(() => store.count()),
    changesSince: (stamp) => call.ask(() => store.changesSince(stamp)),
    purge: (limit) => call.tell(() => store.purge(limit)),
  }
}

/** One request and its reply, each delayed, lost or in time, as chance has it. */
class Connection {
  readonly #options: ConnectionOptions

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** A command without effect, which may come late. */
  ask<T>(command: () => Promise<T>): Promise<T> {
    return this.#send(command, Number.POSITIVE_INFINITY)
  }

  /** A command with an effect: it carries a deadline, and the server refuses it afterwards. */
  tell<T>(command: () => Promise<T>): Promise<T> {
    const { process, plan, runsLateCommands } = this.#options
    const deadlineMs = runsLateCommands
      ? Number.POSITIVE_INFINITY
      : process.time.nowMs + plan.cache.commandTimeoutMs
    return this.#send(command, deadlineMs)
  }

  #send<T>(command: () => Promise<T>, deadlineMs: number): Promise<T> {
    const { process, server, plan } = this.#options
    const { time } = process
    return new Promise<T>((resolve, reject) => {
      if (time.chance(plan.network.lostRequestShare)) {
        this.#lose(reject)
        return
      }
      const { starts } = server
      time.after(this.#delayMs(), () => {
        const isCut = starts !== server.starts && time.chance(0.7)
        if (isCut || time.nowMs > deadlineMs) this.#lose(reject)
        else void this.#carryOut(command, resolve, reject)
      })
    })
  }

  async #carryOut<T>(command: () => Promise<T>, resolve: (value: T) => void, reject: Reject): Promise<void> {
    const { process, plan } = this.#options
    try {
      const reply = await command()
      if (process.time.chance(plan.network.lostReplyShare)) this.#lose(reject)
      else process.after(this.#delayMs(), () => resolve(reply))
    } catch (error) {
      process.after(this.#delayMs(), () => reject(error))
    }
  }

  /** A loss is noticed after a while, or left to the caller's patience. */
  #lose(reject: Reject): void {
    const { process, tellsLosses } = this.#options
    if (!tellsLosses && process.time.chance(0.5)) return
    const delayMs = process.time.between(0.5, 20)
    process.after(delayMs, () => reject(new CacheError('BACKEND_UNREACHABLE', 'Simulated: the line is cut')))
  }

  #delayMs(): number {
    const { process, plan } = this.#options
    const { time } = process
    if (time.chance(plan.network.stuckShare)) return plan.cache.commandTimeoutMs * time.between(0.5, 4)
    return time.chance(plan.network.slowShare) ? time.between(5, 50) : time.between(0.2, 2)
  }
}

type Reject = (error: unknown) => void
