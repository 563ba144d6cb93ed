import type { Duration } from '@cache/ports'
import type { CacheKey } from '../keys/cache-key.ts'
import type { Ttl } from '../time/ttl.ts'

/** The caller's function that reads the source of truth. `undefined` means that there is no such thing. */
export type Loader<V> = (context: LoadContext<V>) => Promise<V | undefined> | V | undefined

/** What a loader is told, and what it may decide after seeing the data. */
export interface LoadContext<V> {
  readonly key: CacheKey
  /** Aborts when the hard timeout passes or no caller waits any more. Pass it on to what the loader calls. */
  readonly signal: AbortSignal
  /** The value that is past its fresh time, if one is still kept. */
  readonly stale: V | undefined
  /** The result is given to the callers and not stored; callers that follow at once load in parallel. */
  readonly skip: () => void
  /** The stale value still holds: whatever the loader returns, that is stored again as fresh. */
  readonly notModified: () => void
  readonly setTtl: (ttl: Ttl<V>) => void
  /** Replaces the tags of the call. */
  readonly setTags: (tags: readonly string[]) => void
  /** The source's own version of the value: an entry with a higher one is not replaced. */
  readonly setVersion: (version: number) => void
}

/** What one call may decide about its load. */
export interface LoadOptions<V> {
  readonly ttl?: Ttl<V> | undefined
  /** Groups that the entry belongs to; invalidating one makes it unreadable. */
  readonly tags?: readonly string[] | undefined
  /** A fresh entry older than this counts as stale for this call. */
  readonly maxAge?: Duration | undefined
  /** Ends this caller's waiting with `ABORTED`; the load goes on while another caller waits for it. */
  readonly signal?: AbortSignal | undefined
}
