import { AsyncLocalStorage } from 'node:async_hooks'
import { CacheError } from '@cache/ports'

interface Loading {
  readonly cache: object
  readonly storedKey: string
  readonly outer: Loading | undefined
}

const current = new AsyncLocalStorage<Loading>()

/** Runs a loader so that a call for the same key from inside it can be told. */
export function asLoading<T>(cache: object, storedKey: string, run: () => T): T {
  return current.run({ cache, storedKey, outer: current.getStore() }, run)
}

/**
 * A loader that asks for its own key would wait for itself.
 *
 * @throws CacheError `LOADER_FAILED`
 */
export function refuseReentry(cache: object, storedKey: string): void {
  for (let loading = current.getStore(); loading; loading = loading.outer) {
    if (loading.cache === cache && loading.storedKey === storedKey) {
      throw new CacheError('LOADER_FAILED', 'A loader asked its own cache for the key it is loading')
    }
  }
}
