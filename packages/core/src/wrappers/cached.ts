import { CacheError } from '@cache/ports'
import type { Cache } from '../engine/cache.ts'
import type { CacheKey } from '../keys/cache-key.ts'
import type { LoadOptions } from '../loading/load-options.ts'

/** How a function's calls become entries. */
export interface CachedOptions<Args extends readonly unknown[], V> extends Omit<
  LoadOptions<V>,
  'signal' | 'tags'
> {
  /** The key of a call. Default: the arguments themselves, if each can be a part of a key. */
  readonly key?: ((...args: Args) => CacheKey) | undefined
  /** The tags of a call's entry. */
  readonly tags?: readonly string[] | ((...args: Args) => readonly string[]) | undefined
}

/**
 * A function that answers from the cache and calls `load` on a miss: once, whatever the number of callers. Give each
 * function a cache, or a key, of its own: two functions with the same arguments would share entries.
 *
 * The result rejects with what `load` throws, and as `Cache.getOrLoad` does.
 */
export function cached<Args extends readonly unknown[], V>(
  cache: Cache<V>,
  load: (...args: Args) => Promise<V | undefined> | V | undefined,
  options: CachedOptions<Args, V> = {},
): (...args: Args) => Promise<V | undefined> {
  const { key = argumentKey, tags, ...rest } = options
  return async (...args) => {
    const tagsOfCall = typeof tags === 'function' ? tags(...args) : tags
    return cache.getOrLoad(key(...args), () => load(...args), { ...rest, tags: tagsOfCall })
  }
}

function argumentKey(...args: readonly unknown[]): CacheKey {
  if (args.length > 0) return args as CacheKey
  throw new CacheError('INVALID_KEY', 'A cached function without arguments needs the option key')
}
