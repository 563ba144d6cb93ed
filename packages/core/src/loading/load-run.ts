import { CacheError } from '@cache/ports'
import type { CacheKey } from '../keys/cache-key.ts'
import { ttlOf, type Ttl } from '../time/ttl.ts'
import type { CacheContext, EntryAttributes, EntryTimes } from '../engine/cache-context.ts'
import { validated } from '../engine/schema.ts'
import type { LoadContext, Loader, LoadOptions } from './load-options.ts'

export interface LoadRequest<V> {
  readonly key: CacheKey
  readonly storedKey: string
  readonly loader: Loader<V>
  readonly options: LoadOptions<V>
  /** An entry older than this does not answer the call. */
  readonly maxAgeMs: number
}

/** What a loader returned and decided. */
export interface Loaded<V> {
  readonly value: V | undefined
  readonly skip: boolean
  readonly details: EntryTimes & EntryAttributes
}

class Decisions<V> implements LoadContext<V> {
  readonly key: CacheKey
  readonly signal: AbortSignal
  readonly stale: V | undefined
  skipped = false
  unmodified = false
  ttl: Ttl<V> | undefined
  tags: readonly string[]
  version: number | undefined

  constructor(request: LoadRequest<V>, signal: AbortSignal, stale: V | undefined) {
    this.key = request.key
    this.signal = signal
    this.stale = stale
    this.ttl = request.options.ttl
    this.tags = request.options.tags ?? []
  }

  readonly skip = (): void => {
    this.skipped = true
  }

  readonly notModified = (): void => {
    if (this.stale === undefined) {
      throw new CacheError('LOADER_FAILED', 'notModified() was called, but there is no stale value to keep')
    }
    this.unmodified = true
  }

  readonly setTtl = (ttl: Ttl<V>): void => {
    this.ttl = ttl
  }

  readonly setTags = (tags: readonly string[]): void => {
    this.tags = tags
  }

  readonly setVersion = (version: number): void => {
    this.version = version
  }
}

/**
 * Runs a loader and works out how its result is to be stored. Times count from the start of the load, so that a
 * slow load never makes a value look younger than it is.
 *
 * @throws whatever the loader throws; `VALIDATION_FAILED`; `INVALID_TTL`
 */
export async function runLoader<V>(
  context: CacheContext<V>,
  request: LoadRequest<V>,
  signal: AbortSignal,
  stale: V | undefined,
): Promise<Loaded<V>> {
  const startMs = context.clock.monotonicMs()
  const decisions = new Decisions<V>(request, signal, stale)
  const returned = await request.loader(decisions)
  const raw = decisions.unmodified ? stale : returned
  const { schema } = context.policy
  const value = schema && raw !== undefined ? await validated(schema, raw, context) : raw
  const loadMs = context.clock.monotonicMs() - startMs
  const ttlMs = ttlFor(context, decisions.ttl, value, () => context.clock.wallMs() - loadMs)
  return {
    value,
    skip: decisions.skipped || ttlMs === 0,
    details: {
      freshForMs: ttlMs - loadMs,
      keptForMs: ttlMs - loadMs + (value === undefined ? 0 : context.policy.loading.staleForMs),
      ageMs: loadMs,
      loadMs,
      tags: decisions.tags,
      version: decisions.version,
    },
  }
}

function ttlFor<V>(
  context: CacheContext<V>,
  ttl: Ttl<V> | undefined,
  value: V | undefined,
  wallMs: () => number,
): number {
  const { loading } = context.policy
  if (value === undefined) return loading.negativeTtlMs
  const fullMs = (ttl === undefined ? context.policy.ttl : ttlOf<V>(ttl, 'ttl'))(wallMs, value)
  return jittered(fullMs, loading.jitter, context.random)
}

/** Jitter only shortens. */
export function jittered(ttlMs: number, jitter: number, random: () => number): number {
  return jitter === 0 || ttlMs === Number.POSITIVE_INFINITY ? ttlMs : ttlMs * (1 - jitter * random())
}
