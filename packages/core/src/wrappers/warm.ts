import type { Cache } from '../engine/cache.ts'
import type { CacheKey } from '../keys/cache-key.ts'
import type { LoadContext, LoadOptions } from '../loading/load-options.ts'

export interface WarmOptions<V> extends LoadOptions<V> {
  /** Loads at the same time. Default 8. */
  readonly concurrency?: number | undefined
  /** Told after each key. */
  readonly onProgress?: ((progress: WarmProgress) => void) | undefined
}

export interface WarmProgress {
  /** Keys that are in the cache now: loaded, or there already. */
  readonly done: number
  /** Keys whose loader failed; the others go on. */
  readonly failed: number
}

/**
 * Fills a cache with the given keys, a few at a time, through `getOrLoad`: what is there already is not loaded, and
 * callers that come meanwhile join. Takes an endless or lazy list of keys as well, and reads it no faster than it
 * loads.
 *
 * @throws CacheError `ABORTED`; what the list of keys throws. A loader that fails is only counted.
 */
export async function warm<V, K extends CacheKey>(
  cache: Cache<V, K>,
  keys: Iterable<K> | AsyncIterable<K>,
  load: (key: K, context: LoadContext<V>) => Promise<V | undefined> | V | undefined,
  options: WarmOptions<V> = {},
): Promise<WarmProgress> {
  const { concurrency = 8, onProgress, ...loadOptions } = options
  const progress = { done: 0, failed: 0 }
  const source = iteratorOf(keys)
  const worker = async (): Promise<void> => {
    for (;;) {
      const { done, value: key } = await source.next()
      if (done === true) return
      await warmKey(cache, key, load, loadOptions).then(
        () => progress.done++,
        (error: unknown) => {
          if (loadOptions.signal?.aborted) throw error
          progress.failed++
        },
      )
      onProgress?.({ ...progress })
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return progress
}

async function warmKey<V, K extends CacheKey>(
  cache: Cache<V, K>,
  key: K,
  load: (key: K, context: LoadContext<V>) => Promise<V | undefined> | V | undefined,
  options: LoadOptions<V>,
): Promise<void> {
  await cache.getOrLoad(key, (context) => load(key, context), options)
}

/** One source for all workers; the calls of an async one are queued by the iterator itself. */
function iteratorOf<K>(keys: Iterable<K> | AsyncIterable<K>): {
  next(): Promise<IteratorResult<K>> | IteratorResult<K>
} {
  return Symbol.asyncIterator in keys ? keys[Symbol.asyncIterator]() : keys[Symbol.iterator]()
}
