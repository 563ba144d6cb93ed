import type { EvictionReason } from './backend.ts'

/** An entry in this process. Times are on the monotonic clock. */
export interface LocalEntry {
  /** A frozen live value, or an encoded payload that each hit decodes. */
  readonly payload: unknown
  readonly format: number
  /** A settled promise of the value, present when hits may share it; makes an awaited hit free of allocation. */
  readonly settled: Promise<unknown> | undefined
  readonly freshUntilMs: number
  readonly goneAtMs: number
  /** When the load of it began. */
  readonly bornAtMs: number
  readonly loadMs: number
  /** Every change up to this sequence is reflected in it. */
  readonly sequence: number
  /** `false` for what was loaded while the backend was unreachable: it lives for a moment, on its age alone. */
  readonly coherent: boolean
  /** The stored key holds neither `:` nor `%`, so that the same text given as a key means this entry. */
  readonly simpleKey: boolean
  readonly tags: readonly string[]
  /** The count of tag invalidations at which its tags were last found to hold. */
  tagsCheckedAt: number
  readonly revision: string
  readonly version: number | undefined
  readonly sizeBytes: number
  /** The tier's own count at the latest use of the entry. */
  usedAt: number
}

/** A bounded, synchronous map of entries in this process; least recently used entries are evicted first. */
export interface LocalTier {
  /** `O(1)`; counts as a use. Does not look at the entry's times. */
  get(key: string): LocalEntry | undefined
  /** `O(1)`; does not count as a use. */
  peek(key: string): LocalEntry | undefined
  /** `O(1)` amortised. An entry larger than the limit is not kept; what was under the key goes. */
  set(key: string, entry: LocalEntry): void
  delete(key: string): boolean
  clear(): void
  /** In no order; changes during the iteration do not disturb it. */
  entries(): Iterable<readonly [string, LocalEntry]>
  readonly size: number
  readonly sizeBytes: number
}

export interface LocalTierOptions {
  readonly cache: string
  readonly maxEntries: number
  readonly maxBytes: number
  /** Told of each entry evicted for room, never of deletions. */
  readonly onEvict: (key: string, reason: EvictionReason) => void
}

/** Makes the local tier of each cache and holds their common budget. */
export interface LocalTierFactory {
  createTier(options: LocalTierOptions): LocalTier
}
