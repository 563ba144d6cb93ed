import { CacheError } from '@cache/ports'

/** One identifier in a key. A number and its decimal text are the same part. */
export type KeyPart = string | number | bigint | boolean

/** What entries are found by: one part, or several (`['user', id, 'orders']`). A list of one part is that part. */
export type CacheKey = KeyPart | readonly KeyPart[]

/**
 * A key whose stored form is known already. It takes a key's place between the parts of this package where finding the
 * stored form costs more than a look-up, because it is a keyed hash.
 */
export class ResolvedKey {
  readonly key: CacheKey
  readonly stored: string

  constructor(key: CacheKey, stored: string) {
    this.key = key
    this.stored = stored
  }
}

/** The longest stored key, in UTF-16 units. */
export const maxKeyLength = 2048

/**
 * The text a key is looked up by: parts joined with `:`, and `:` and `%` inside a part escaped, so that no part
 * can reach into another key. Does not validate; use {@link storedKey} wherever something is written or fetched.
 */
export function keyText(key: CacheKey): string {
  if (typeof key === 'string') return escapePart(key)
  if (typeof key === 'object') return key.map(partText).join(':')
  return String(key)
}

function partText(part: KeyPart): string {
  return typeof part === 'string' ? escapePart(part) : String(part)
}

function escapePart(part: string): string {
  if (!part.includes(':') && !part.includes('%')) return part
  return part.replaceAll('%', '%25').replaceAll(':', '%3A')
}

/**
 * The text that a key is stored by, checked: its parts joined with `:`, and `:` and `%` inside a part escaped.
 *
 * @throws CacheError `INVALID_KEY` for an empty part, a control character, text that is not well-formed Unicode, a
 *   number that is not finite, another type, or more than 2,048 UTF-16 units.
 */
export function storedKey(key: CacheKey): string {
  const parts: readonly unknown[] = Array.isArray(key) ? key : [key]
  if (parts.length === 0) throw invalidKey('has no parts')
  for (const part of parts) checkPart(part, 'cache key')
  const text = keyText(key)
  if (text.length > maxKeyLength)
    throw invalidKey(`is longer than ${maxKeyLength} characters; use a hash of it`)
  return text
}

// Two ill-formed texts would become the same bytes in a store, and control characters break logs and tools.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
export const controlCharacter: RegExp = /[\u0000-\u001f\u007f]/

/** @throws CacheError `INVALID_KEY` when the part cannot be one; `what` names it in the message. */
export function checkPart(part: unknown, what: 'cache key' | 'tag'): void {
  const fault = faultOf(part)
  if (fault !== undefined) throw new CacheError('INVALID_KEY', `The ${what} ${fault}`)
  if (what === 'tag' && typeof part !== 'string')
    throw new CacheError('INVALID_KEY', `A tag must be text, not ${typeof part}`)
}

function faultOf(part: unknown): string | undefined {
  switch (typeof part) {
    case 'string':
      if (part === '') return 'has an empty part'
      if (!part.isWellFormed()) return 'is not well-formed Unicode'
      return controlCharacter.test(part) ? 'holds a control character' : undefined
    case 'number':
      return Number.isFinite(part) ? undefined : 'holds a number that is not finite'
    case 'bigint':
    case 'boolean':
      return undefined
    default:
      return `holds ${part === null ? 'null' : typeof part}; parts are strings, numbers and booleans`
  }
}

function invalidKey(fault: string): CacheError {
  return new CacheError('INVALID_KEY', `The cache key ${fault}`)
}

/** The key that {@link storedKey} was given, with every part as text: one part, or a list of them. */
export function parseStoredKey(text: string): string | string[] {
  const parts = text.split(':').map((part) => part.replaceAll('%3A', ':').replaceAll('%25', '%'))
  return parts.length === 1 ? (parts[0] ?? '') : parts
}
