import type { Cache } from '../engine/cache.ts'
import type { CacheKey } from '../keys/cache-key.ts'
import { cached, type CachedOptions } from './cached.ts'

type Method<This, Args extends readonly unknown[], Result> = (this: This, ...args: Args) => Promise<Result>

/**
 * A standard decorator: the method answers from `cache`, as {@link cached} does.
 *
 * ```
 * class Users {
 *   @Cached(profiles)
 *   async profile(id: string): Promise<Profile | undefined> { … }
 * }
 * ```
 */
export function Cached<V, Args extends readonly unknown[] = readonly CacheKey[]>(
  cache: Cache<V>,
  options: CachedOptions<Args, V> = {},
): <This>(method: Method<This, Args, V | undefined>, context: ClassMethodDecoratorContext) => typeof method {
  return (method) =>
    function answer(...args) {
      return cached(cache, (...given: Args) => method.call(this, ...given), options)(...args)
    }
}

/** What a method makes unreadable when it has succeeded. */
export interface InvalidatesOptions<Args extends readonly unknown[]> {
  readonly keys?: ((...args: Args) => readonly CacheKey[]) | undefined
  readonly tags?: ((...args: Args) => readonly string[]) | undefined
}

/**
 * A standard decorator: once the method has succeeded, the entries that `options` name are unreadable everywhere, and
 * only then does the call resolve. When the method fails, nothing is invalidated.
 */
export function Invalidates<Args extends readonly unknown[]>(
  cache: Pick<Cache<never>, 'deleteMany' | 'invalidateTags'>,
  options: InvalidatesOptions<Args>,
): <This, Result>(
  method: Method<This, Args, Result>,
  context: ClassMethodDecoratorContext,
) => Method<This, Args, Result> {
  return (method) =>
    async function invalidate(...args) {
      const result = await method.call(this, ...args)
      const keys = options.keys?.(...args) ?? []
      const tags = options.tags?.(...args) ?? []
      await Promise.all([
        keys.length > 0 && cache.deleteMany(keys),
        tags.length > 0 && cache.invalidateTags(tags),
      ])
      return result
    }
}
