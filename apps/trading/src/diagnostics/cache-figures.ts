import type { CacheStats, DefinedCache } from '@cache/core'

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

type NamedCaches = Omit<App['caches'], 'all' | 'protection' | 'local'>

/** The caches by the name they were defined with. */
export function cachesByName({
  all: _all,
  protection: _protection,
  local: _local,
  ...caches
}: App['caches']): Map<string, NamedCaches[keyof NamedCaches]> {
  return new Map(Object.values(caches).map((cache) => [cache.name, cache]))
}
