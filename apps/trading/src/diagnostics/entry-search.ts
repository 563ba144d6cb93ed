import { inspect } from 'node:util'

import { type Cache, parseStoredKey } from '@cache/core'

import { RequestFault } from '../server/request-fault.ts'

/** What an operator may see of one entry. */
export interface FoundEntry {
  /** As it is stored: its parts joined with `:`. Absent where keys are secret. */
  readonly key: string | undefined
  readonly source: 'l1' | 'l2'
  readonly stale: boolean
  readonly ageMs: number
  readonly freshForMs: number
  readonly revision: string
  readonly version: number | undefined
  readonly tags: readonly string[]
  /** What it holds, cut short. Absent where values are secret. */
  readonly value: string | undefined
}

export interface SearchedEntries {
  readonly entries: readonly FoundEntry[]
  /** There are more than were looked at. */
  readonly more: boolean
  /** How many live entries carry the tag that was asked for. */
  readonly tagged: number | undefined
}

/** What to look for: one key, keys that match a pattern, or what carries a tag. */
export interface EntryQuestion {
  readonly by: 'key' | 'pattern' | 'tag'
  readonly text: string
}

const foundAtMost = 50
const valueLength = 600

/**
 * Looks entries up for the console. Of a sensitive cache nothing leaves the process but times and tags: its keys are
 * hashed, so an entry is found only by whoever knows its key, and is not shown with it.
 *
 * @throws RequestFault 400 where keys are hashed and a pattern is asked for
 */
export async function searchEntries(
  cache: Cache<unknown>,
  sensitive: boolean,
  { by, text }: EntryQuestion,
): Promise<SearchedEntries> {
  if (by === 'key') {
    const found = await entryOf(cache, sensitive, parseStoredKey(text))
    return { entries: found === undefined ? [] : [found], more: false, tagged: undefined }
  }
  const tagged = by === 'tag' ? await cache.countWithTags([text]) : undefined
  if (sensitive) {
    if (tagged !== undefined) return { entries: [], more: false, tagged }
    throw new RequestFault(400, `The keys of ${cache.name} are hashed; look for a whole key, or for a tag`)
  }
  const entries: FoundEntry[] = []
  for await (const key of by === 'tag' ? cache.keysWithTag(text) : cache.keys(text)) {
    if (entries.length === foundAtMost) return { entries, more: true, tagged }
    const found = await entryOf(cache, sensitive, key)
    if (found !== undefined) entries.push(found)
  }
  return { entries, more: false, tagged }
}

async function entryOf(
  cache: Cache<unknown>,
  sensitive: boolean,
  key: string | string[],
): Promise<FoundEntry | undefined> {
  const found = await cache.getWithMeta(key)
  if (found === undefined) return undefined
  const { value, source, stale, ageMs, freshForMs, revision, version, tags } = found
  const facts = { source, stale, ageMs, freshForMs, revision, version, tags }
  if (sensitive) return { ...facts, key: undefined, value: undefined }
  return { ...facts, key: keyOf(key), value: preview(value) }
}

function keyOf(key: string | string[]): string {
  return [key]
    .flat()
    .map((part) => part.replaceAll('%', '%25').replaceAll(':', '%3A'))
    .join(':')
}

function preview(value: unknown): string {
  const text = inspect(value, { depth: 3, maxArrayLength: 10, maxStringLength: 200, breakLength: 100 })
  return text.length > valueLength ? `${text.slice(0, valueLength)}…` : text
}
