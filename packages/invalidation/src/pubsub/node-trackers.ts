import type { Clock, TouchedEntries } from '@cache/ports'
import { cacheKeysOf, type FamilyConnection, parseEntryKey } from '@cache/resp'
import { Tracker } from './tracker.ts'

export interface NodeTrackersOptions {
  /** The first part of every key. */
  readonly prefix: string
  readonly clock: Clock
  /** Whether entries of a cache are of interest. */
  readonly isFollowed: (cache: string) => boolean
  readonly onTouched: (entries?: TouchedEntries) => void
  readonly onProblem: (message: string, error: unknown) => void
}

/** Watches every server that holds keys, by its address. */
export class NodeTrackers {
  readonly #options: NodeTrackersOptions
  readonly #trackers = new Map<string, Tracker>()

  constructor(options: NodeTrackersOptions) {
    this.#options = options
  }

  get areConnected(): boolean {
    return [...this.#trackers.values()].every(({ isConnected }) => isConnected)
  }

  /** Watches these and no others. */
  watch(nodes: ReadonlyMap<string, FamilyConnection>): void {
    for (const [address, tracker] of this.#trackers) {
      if (nodes.has(address)) continue
      this.#trackers.delete(address)
      tracker.close()
    }
    for (const [address, node] of nodes) if (!this.#trackers.has(address)) this.#add(address, node)
  }

  close(): void {
    this.watch(new Map())
  }

  #add(address: string, like: FamilyConnection): void {
    const { prefix, clock, onProblem } = this.#options
    const onTouched = (keys: readonly string[] | undefined): void => this.#take(keys)
    const tracker = new Tracker({ like, clock, keyPrefix: cacheKeysOf(prefix), onTouched, onProblem })
    this.#trackers.set(address, tracker)
    tracker.open()
  }

  #take(names: readonly string[] | undefined): void {
    const { prefix, isFollowed, onTouched } = this.#options
    if (!names) {
      onTouched()
      return
    }
    const byCache = new Map<string, string[]>()
    for (const name of names) {
      const entry = parseEntryKey(prefix, name)
      if (!entry || !isFollowed(entry.cache)) continue
      const keys = byCache.get(entry.cache)
      if (keys) keys.push(entry.key)
      else byCache.set(entry.cache, [entry.key])
    }
    for (const [cache, keys] of byCache) onTouched({ cache, keys })
  }
}
