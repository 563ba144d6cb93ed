import { AsyncLocalStorage } from 'node:async_hooks'
import { CacheError } from '@cache/ports'
import { controlCharacter } from '../keys/cache-key.ts'

const current = new AsyncLocalStorage<string>()

/**
 * Runs a function as a caller: access rules and the audit know every call from inside it, also after it waited, by
 * this name. An inner `asCaller` replaces the outer name.
 *
 * @throws CacheError `INVALID_OPTION` for a name that is empty, too long or holds control characters
 */
export function asCaller<T>(name: string, run: () => T): T {
  return current.run(checkedCaller(name, 'asCaller: the name'), run)
}

/** The caller that the running code was given. */
export function currentCaller(): string | undefined {
  return current.getStore()
}

/** @throws CacheError `INVALID_OPTION` */
export function checkedCaller(name: string, option: string): string {
  if (typeof name === 'string' && name.length > 0 && name.length <= 200 && !controlCharacter.test(name))
    return name
  throw new CacheError(
    'INVALID_OPTION',
    `${option} must be text of up to 200 characters, without control characters`,
  )
}
