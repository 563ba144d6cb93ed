import type { EntryStore, InvalidationMessage } from '@cache/core'
import { referenceBackend } from '../reference/reference-backend.ts'
import { referenceRules } from '../reference/reference-rules.ts'
import {
  referenceStorage,
  type ReferenceCache,
  type ReferenceStorage,
} from '../reference/reference-storage.ts'
import { forwardingStore } from '../forwarding.ts'
import { watchedStore, type LeaseWatch } from './lease-watch.ts'
import type { Mutation } from './mutation.ts'
import { tracedStore } from './traced-store.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Snapshots that a restore may go back to. */
const keptSnapshots = 4

export interface ServerOptions {
  readonly time: VirtualTime
  readonly mutation: Mutation
  readonly leases: LeaseWatch
  readonly trace: ((line: string) => void) | undefined
  /** Told of each change, as a script on the server would publish it. */
  readonly publish: (message: InvalidationMessage) => void
}

/** The store that all virtual processes share: the reference backend, and what can happen to a server. */
export class SimulatedServer {
  /** Counts its starts: a request sent before one does not outlive it. */
  starts = 0
  readonly storage: ReferenceStorage = referenceStorage()
  readonly #options: ServerOptions
  readonly #backend: ReturnType<typeof referenceBackend>
  readonly #stores = new Map<string, EntryStore>()
  readonly #snapshots: ReadonlyMap<string, ReferenceCache>[] = []

  constructor(options: ServerOptions) {
    this.#options = options
    const { time, mutation } = options
    this.storage.epoch = this.#newEpoch()
    this.#backend = referenceBackend({
      storage: this.storage,
      rules: { ...referenceRules, ...mutation.rules },
    })
    const clock = { monotonicMs: () => time.nowMs, wallMs: () => time.nowMs, setTimer: () => noTimer }
    void this.#backend.start({ prefix: 'sim', clock, report: () => undefined })
  }

  get names(): readonly string[] {
    return [...this.storage.caches.keys()]
  }

  store(cache: string): EntryStore {
    const known = this.#stores.get(cache)
    if (known) return known
    const store = this.#createStore(cache)
    this.#stores.set(cache, store)
    return store
  }

  snapshot(): void {
    this.#snapshots.push(new Map(Array.from(this.storage.caches, ([name, cache]) => [name, copied(cache)])))
    if (this.#snapshots.length > keptSnapshots) this.#snapshots.shift()
  }

  /** Starts again with nothing. */
  restart(): void {
    this.#begin(new Map())
  }

  /** Comes back as it was at one of its snapshots, or with nothing if there is none. */
  restore(): void {
    this.#begin(this.#options.time.pick([...this.#snapshots, new Map<string, ReferenceCache>()]))
  }

  /** Loses one entry, lease or marker. */
  evict(): void {
    const { time, leases } = this.#options
    for (const [name, cache] of this.storage.caches) {
      if (name !== evictable) continue
      for (const { rows, notes } of cache.versions.values()) {
        const rowKey = time.pick([...rows.keys(), ''])
        rows.delete(rowKey)
        const noteKey = time.chance(0.3) ? time.pick([...notes.keys(), '']) : ''
        if (notes.delete(noteKey)) leases.ended(noteKey)
      }
    }
  }

  /** Loses the record of one tag. */
  forgetTag(): void {
    for (const { tags } of this.storage.caches.values()) {
      if (tags.size > 0) tags.delete(this.#options.time.pick([...tags.keys()]))
    }
  }

  /** Cuts the log down to its last entry or to none. */
  trimLog(): void {
    for (const cache of this.storage.caches.values()) {
      const forgotten = cache.log.splice(0, cache.log.length - this.#options.time.below(2)).at(-1)
      const isSilent = this.#options.mutation.server?.trimsSilently ?? false
      if (forgotten && !isSilent) cache.forgotten = forgotten.sequence
    }
  }

  #createStore(name: string): EntryStore {
    const { mutation, leases, trace } = this.#options
    const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
    const store = this.#backend.store({ cache: name, version: 1, ...limits, onEvict: () => undefined })
    const spoilt = mutation.server?.store?.(store, () => this.storage.epoch) ?? store
    const publishing = this.#publishing(name, spoilt)
    const watched =
      name === evictable ? watchedStore(publishing, leases, () => this.storage.epoch) : publishing
    return trace ? tracedStore(watched, 'server', trace) : watched
  }

  #publishing(name: string, store: EntryStore): EntryStore {
    const cache = this.storage.caches.get(name)
    return {
      ...forwardingStore(store),
      change: async (changes) => {
        const before = cache?.sequence ?? 0
        const reply = await store.change(changes)
        const { epoch } = this.storage
        for (const invalidation of cache?.log ?? []) {
          if (invalidation.sequence > before) this.#options.publish({ cache: name, epoch, invalidation })
        }
        return reply
      },
    }
  }

  #begin(caches: ReadonlyMap<string, ReferenceCache>): void {
    for (const [name, cache] of this.storage.caches) become(cache, caches.get(name))
    if (!this.#options.mutation.server?.keepsEpoch) this.storage.epoch = this.#newEpoch()
    this.#options.leases.restored(this.storage.caches.get(evictable)?.versions.get(1)?.notes ?? [])
    this.starts++
  }

  #newEpoch(): string {
    return `epoch-${this.#options.time.below(2 ** 30)}`
  }
}

/** The cache whose entries may be lost; counts in the others would not survive that. */
export const evictable = 'data'

const noTimer = { cancel: (): void => undefined }

function copied(cache: ReferenceCache): ReferenceCache {
  return {
    ...cache,
    tags: new Map(cache.tags),
    log: [...cache.log],
    versions: new Map(
      Array.from(cache.versions, ([version, { rows, notes }]) => [
        version,
        { rows: new Map(rows), notes: new Map(notes) },
      ]),
    ),
  }
}

/** Gives a cache the state of another in place, because stores hold on to it. */
function become(cache: ReferenceCache, past: ReferenceCache | undefined): void {
  cache.sequence = past?.sequence ?? 0
  cache.clearedAt = past?.clearedAt ?? 0
  cache.tagsChangedAt = past?.tagsChangedAt ?? 0
  cache.forgotten = past?.forgotten ?? 0
  refill(cache.tags, past?.tags)
  cache.log.splice(0, cache.log.length, ...(past?.log ?? []))
  for (const [version, { rows, notes }] of cache.versions) {
    refill(rows, past?.versions.get(version)?.rows)
    refill(notes, past?.versions.get(version)?.notes)
  }
}

function refill<K, V>(map: Map<K, V>, past: ReadonlyMap<K, V> | undefined): void {
  map.clear()
  for (const [key, value] of past ?? []) map.set(key, value)
}
