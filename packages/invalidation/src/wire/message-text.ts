import { CacheError } from '@cache/ports'
import type { Invalidation, InvalidationMessage } from '@cache/ports'

/** The longest text that is sent or read, in UTF-16 units. */
export const maxTextLength: number = 1024 * 1024

/** Names in one message. */
const maxNames = 65_536

/** Caches have names of up to a few hundred characters, epochs fewer. */
const maxNameLength = 1024

/**
 * One message as text: a JSON list of the format's version, the cache, the epoch, the first and the last sequence, the
 * kind and the names.
 *
 * @throws CacheError `TRANSPORT_FAILED` for one that is too long: others find it in the store's log
 */
export function messageText({ cache, epoch, invalidation }: InvalidationMessage): string {
  const { kind, sequence, first = sequence } = invalidation
  const text = JSON.stringify([1, cache, epoch, first, sequence, kind, namesOf(invalidation)])
  if (text.length <= maxTextLength) return text
  throw new CacheError('TRANSPORT_FAILED', `A message of ${text.length} characters is too long to be carried`)
}

/** Reads a message that anybody may have written; `undefined` for anything but a message. Never throws. */
export function readMessage(text: unknown): InvalidationMessage | undefined {
  if (typeof text !== 'string' || text.length > maxTextLength || !text.startsWith('[1,')) return undefined
  let parts: unknown
  try {
    parts = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(parts) || parts.length !== 7) return undefined
  const [, cache, epoch, first, sequence, kind, names] = parts as unknown[]
  if (!isName(cache) || !isName(epoch) || !isSequence(first) || !isSequence(sequence)) return undefined
  const invalidation = first <= sequence ? invalidationOf(kind, names, { first, sequence }) : undefined
  return invalidation && { cache, epoch, invalidation }
}

interface Sequences {
  readonly first: number
  readonly sequence: number
}

function namesOf(invalidation: Invalidation): readonly string[] {
  if (invalidation.kind === 'clear') return []
  return invalidation.kind === 'tags' ? invalidation.tags : invalidation.keys
}

function invalidationOf(kind: unknown, names: unknown, at: Sequences): Invalidation | undefined {
  const sequences = at.first === at.sequence ? { sequence: at.sequence } : at
  if (kind === 'clear') return { kind, ...sequences }
  if (!areNames(names)) return undefined
  if (kind === 'keys') return { kind, keys: names, ...sequences }
  return kind === 'tags' ? { kind, tags: names, ...sequences } : undefined
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxNameLength
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function areNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= maxNames && value.every((name) => typeof name === 'string')
}
