import type { Cache, CacheStats, DefinedCache } from '@cache/core'

import type { App } from '../app.ts'
import { type Domain, domainOf } from './domains.ts'

/** What an operator sees of one cache. */
export interface CacheFigures extends CacheStats, Omit<DefinedCache, 'name' | 'version'> {
  /** `null` while the store does not say. */
  readonly entries: number | null
  readonly domain: Domain
}

/** The caches of `caches.ts`, in its order; what locks, limits and the symbol index keep is state, and not shown. */
export async function cacheFigures({ caches }: App): Promise<CacheFigures[]> {
  const known = cachesByName(caches)
  const sizes = await caches.all.sizes()
  const stats = new Map(caches.all.stats().caches.map((one) => [one.cache, one]))
  return caches.all.list().flatMap(({ name, version: _version, ...facts }) => {
    const figures = stats.get(name)
    if (figures === undefined || !known.has(name)) return []
    const more = { entries: sizes[name] ?? null, domain: domainOf(name) }
    return [Object.assign({}, figures, facts, more)]
  })
}

/** The caches by the name they were defined with, and used as whoever asks. */
export function cachesByName({
  all,
  protection: _protection,
  local: _local,
  transport: _transport,
  sessions: _sessions,
  ...caches
}: App['caches']): Map<string, Cache<unknown>> {
  const names = ['sessions', ...Object.values(caches).map(({ name }) => name)]
  return new Map(names.map((name) => [name, all.open(name, {})]))
}
