import { CacheError, type CacheBackend, type Change, type EntryStore } from '@cache/core'
import {
  arriving,
  portable,
  type CacheVersion,
  type EntryBatch,
  type EntrySource,
  type EntryTarget,
  type PortableEntry,
  type WriteOutcome,
} from './portable-entry.ts'

export interface BackendEntriesOptions {
  /** Only these caches; default all. */
  readonly caches?: readonly string[] | undefined
  /** Schema versions to look for. Default 1 to 16. */
  readonly versions?: readonly number[] | undefined
  /** Entries in one batch. Default 500. */
  readonly batchSize?: number | undefined
  /** Leave entries that the target has already. Default `false`. */
  readonly keepExisting?: boolean | undefined
}

/** A cache that every backend makes for itself anew. */
const ownCaches: ReadonlySet<string> = new Set(['cache-health'])
const defaultVersions = Array.from({ length: 16 }, (_, index) => index + 1)

/** The entries of a backend that has been started; closing it closes the backend. */
export class BackendEntries implements EntrySource, EntryTarget {
  readonly #backend: CacheBackend
  readonly #options: BackendEntriesOptions
  readonly #stores = new Map<string, EntryStore>()

  constructor(backend: CacheBackend, options: BackendEntriesOptions = {}) {
    this.#backend = backend
    this.#options = options
  }

  /** The caches and schema versions that hold entries, in order. */
  async list(): Promise<(CacheVersion & { readonly count: number })[]> {
    const { caches, versions = defaultVersions } = this.#options
    // A store that is opened comes into being, so only those that exist are.
    const existing = await this.#backend.cacheNames()
    const names = existing.filter((name) => (caches ? caches.includes(name) : !ownCaches.has(name)))
    const found: (CacheVersion & { readonly count: number })[] = []
    for (const cache of names.sort()) {
      for (const version of versions) {
        const count = await this.store({ cache, version }).count()
        if (count > 0) found.push({ cache, version, count })
      }
    }
    return found
  }

  async count(): Promise<number> {
    return (await this.list()).reduce((sum, { count }) => sum + count, 0)
  }

  async *batches(after?: string): AsyncGenerator<EntryBatch> {
    const from = after === undefined ? undefined : parsePosition(after)
    for (const { cache, version } of await this.list()) {
      if (from && isBefore({ cache, version }, from)) continue
      const isResumed = from?.cache === cache && from.version === version
      if (isResumed && from.cursor === undefined) continue
      yield* this.#batchesOf({ cache, version }, isResumed ? from.cursor : undefined)
    }
  }

  async write({ cache, version, entries }: EntryBatch): Promise<WriteOutcome> {
    if (entries.length === 0) return { written: 0, kept: 0 }
    const when = this.#options.keepExisting ? ({ kind: 'absent' } as const) : undefined
    const changes = entries.map((entry): Change => {
      return { kind: 'set', key: entry.key, entry: arriving(entry), when }
    })
    const { outcomes } = await this.store({ cache, version }).change(changes)
    const written = outcomes.filter((outcome) => outcome === 'applied').length
    return { written, kept: outcomes.length - written }
  }

  async missing({ cache, version, entries }: EntryBatch): Promise<number> {
    const found = await this.store({ cache, version }).read(entries.map(({ key }) => key))
    const { keepExisting = false } = this.#options
    return entries.filter((entry, index) => !isThere(entry, found.entries[index], keepExisting)).length
  }

  async finish(): Promise<void> {}

  close(): Promise<void> {
    return this.#backend.close()
  }

  /** The store of one schema version of a cache, without limits. */
  store({ cache, version }: CacheVersion): EntryStore {
    const id = `${version}:${cache}`
    const known = this.#stores.get(id)
    if (known) return known
    const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
    const store = this.#backend.store({ cache, version, ...limits, onEvict: () => undefined })
    this.#stores.set(id, store)
    return store
  }

  async *#batchesOf(place: CacheVersion, from: string | undefined): AsyncGenerator<EntryBatch> {
    const store = this.store(place)
    const limit = this.#options.batchSize ?? 500
    let cursor = from
    do {
      const page = await store.scan({ limit, cursor })
      const { entries } = await store.read(page.keys)
      cursor = page.cursor
      const live = page.keys.flatMap((key, index) => {
        const entry = entries[index]
        return entry === undefined ? [] : [portable(key, entry)]
      })
      yield { ...place, entries: live, position: JSON.stringify({ ...place, cursor }) }
    } while (cursor !== undefined)
  }
}

/** An entry past its time is rightly away. */
function isThere(
  entry: PortableEntry,
  found: { readonly revision: string; readonly version: number | undefined } | undefined,
  keepExisting: boolean,
): boolean {
  if (found === undefined) return entry.keptForMs <= 0
  return keepExisting || found.revision === entry.revision || (found.version ?? 0) > (entry.version ?? 0)
}

interface Position extends CacheVersion {
  /** Absent after the last page of the cache. */
  readonly cursor?: string | undefined
}

function parsePosition(text: string): Position {
  try {
    const { cache, version, cursor } = JSON.parse(text) as Partial<Position>
    if (typeof cache === 'string' && typeof version === 'number') return { cache, version, cursor }
  } catch {
    // Below.
  }
  throw new CacheError('INVALID_OPTION', 'The position to go on from is none of this source')
}

function isBefore(one: CacheVersion, other: CacheVersion): boolean {
  return one.cache < other.cache || (one.cache === other.cache && one.version < other.version)
}
