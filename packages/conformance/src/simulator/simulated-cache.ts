import type { Cache } from '@cache/core'

/** What the workload asks of a cache: the engine's, or one of the variants that must fail. Values are record numbers. */
export type SimulatedCache = Pick<
  Cache<number>,
  | 'peek'
  | 'get'
  | 'getMany'
  | 'getWithMeta'
  | 'getOrLoad'
  | 'set'
  | 'delete'
  | 'deleteMany'
  | 'deleteMatching'
  | 'invalidateTags'
  | 'clear'
  | 'expire'
>

/** The key of a number; some are tuples, whose stored form differs from what the caller passes. */
export function keyAt(index: number): string | readonly [string, number] {
  return index % 3 === 2 ? ['t', index] : `k${index}`
}

/** How a backend spells {@link keyAt}. */
export function storedKeyAt(index: number): string {
  return index % 3 === 2 ? `t:${index}` : `k${index}`
}

/** The number of a key in the backend's spelling. */
export function indexOf(storedKey: string): number {
  return Number(storedKey.slice(storedKey.indexOf(':') + 1).replace('k', ''))
}

/** The tags of a key: its own group, and for every fourth key the first as well. */
export function tagsOf(index: number, tags: number): readonly string[] {
  const own = index % tags
  return index % 4 === 3 && own !== 0 ? [`g${own}`, 'g0'] : [`g${own}`]
}
