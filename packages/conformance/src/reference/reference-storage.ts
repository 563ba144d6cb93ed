import { randomUUID } from 'node:crypto'
import type { Invalidation, NewEntry } from '@cache/core'

/** An entry at rest: what was written, with moments instead of durations. */
export interface ReferenceRow {
  readonly entry: NewEntry
  readonly epoch: string
  /** The sequence when it was written, or when its load was authorised. */
  readonly sequence: number
  /** Its tags, each with the generation that it had when the row was written. */
  readonly generations: ReadonlyMap<string, number>
  readonly bornAtMs: number
  readonly freshUntilMs: number
  readonly goneAtMs: number
}

/** A lease or a marker. */
export interface ReferenceNote {
  readonly kind: 'lease' | 'unstored' | 'throttle'
  /** Empty for markers. */
  readonly token: string
  readonly sequence: number
  readonly untilMs: number
}

/** The rows and notes of one version of a cache; the least recently used row comes first. */
export interface ReferenceVersion {
  readonly rows: Map<string, ReferenceRow>
  readonly notes: Map<string, ReferenceNote>
}

/** One cache, all its versions: one sequence, one log and one set of tags. */
export interface ReferenceCache {
  sequence: number
  /** The sequence of the latest clear. */
  clearedAt: number
  /** The sequence of the latest invalidation of any tag. */
  tagsChangedAt: number
  readonly tags: Map<string, number>
  readonly log: Invalidation[]
  /** The sequence of the latest change that the log no longer holds. */
  forgotten: number
  readonly versions: Map<number, ReferenceVersion>
}

/** What survives a process and is seen by all of them: hand the same one to several reference backends. */
export interface ReferenceStorage {
  epoch: string
  readonly caches: Map<string, ReferenceCache>
}

export function referenceStorage(): ReferenceStorage {
  return { epoch: randomUUID(), caches: new Map() }
}

/** The state of a cache, made on first use; its sequence begins at `sequence`. */
export function referenceCache(storage: ReferenceStorage, name: string, sequence: number): ReferenceCache {
  const known = storage.caches.get(name)
  if (known) return known
  const cache: ReferenceCache = {
    sequence,
    clearedAt: 0,
    tagsChangedAt: 0,
    tags: new Map(),
    log: [],
    forgotten: sequence,
    versions: new Map(),
  }
  storage.caches.set(name, cache)
  return cache
}

/** The state of one version of a cache, made on first use. */
export function referenceVersion(cache: ReferenceCache, version: number): ReferenceVersion {
  const known = cache.versions.get(version)
  if (known) return known
  const made: ReferenceVersion = { rows: new Map(), notes: new Map() }
  cache.versions.set(version, made)
  return made
}
