import { valueFormat, type CacheBackend, type StoredEntry } from '@cache/core'
import { BackendEntries, type CacheVersion } from '@cache/transfer'
import { CliFault, exitCodes } from './exit-codes.ts'

/** What may be shown of an entry. Sealed values and bytes are never shown, nor values of caches that hold secrets. */
export type Shown =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hidden'; readonly reason: string }

export function shown(entry: StoredEntry, isSensitive: boolean): Shown {
  if (isSensitive) return { kind: 'hidden', reason: 'the cache holds secrets' }
  if (entry.format === valueFormat.negative)
    return { kind: 'hidden', reason: 'it says that there is no such thing' }
  const isText = entry.format === valueFormat.json || entry.format === valueFormat.faithful
  const text = isText ? textOf(entry.payload) : undefined
  if (text === undefined) return { kind: 'hidden', reason: `${entry.sizeBytes} bytes, sealed or binary` }
  if (entry.format !== valueFormat.json) return { kind: 'text', text }
  try {
    return { kind: 'value', value: JSON.parse(text) as unknown }
  } catch {
    return { kind: 'hidden', reason: 'it is sealed or damaged' }
  }
}

/** Stores may give text as bytes; what is no UTF-8 is no text of ours. */
function textOf(payload: unknown): string | undefined {
  if (typeof payload === 'string') return payload
  if (!(payload instanceof Uint8Array)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload)
  } catch {
    return undefined
  }
}

/** Names with such a segment hold secrets, as in core, unless the operator lists others. */
const sensitiveSegments: ReadonlySet<string> = new Set(['auth', 'api_keys', 'tokens', 'sessions', 'session'])

/** Whether a cache is to be taken for one that holds secrets: rather too often than too seldom. */
export function holdsSecrets(cache: string, named: readonly string[]): boolean {
  return (
    named.includes(cache) ||
    cache
      .toLowerCase()
      .split(/[:_-]/)
      .some((segment) => sensitiveSegments.has(segment)) ||
    sensitiveSegments.has(cache.toLowerCase())
  )
}

/**
 * The schema version of a cache that is meant: the one that is named, or the highest that holds entries.
 *
 * @throws CliFault when the backend has no such cache
 */
export async function findCache(
  backend: CacheBackend,
  cache: string,
  version: number | undefined,
): Promise<CacheVersion> {
  const names = await backend.cacheNames()
  if (names.includes(cache)) {
    if (version !== undefined) return { cache, version }
    const [latest] = (await new BackendEntries(backend, { caches: [cache] }).list()).slice(-1)
    return latest ?? { cache, version: 1 }
  }
  const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
  throw new CliFault(exitCodes.failed, `The backend has no cache '${cache}'; ${known}`)
}
