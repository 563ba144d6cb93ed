import { isDeepStrictEqual } from 'node:util'

/** What a session holds: plain data by name. */
export type SessionData = Readonly<Record<string, unknown>>

/**
 * Brings what one request changed into what others have stored meanwhile. `base` is what the request was given, `mine`
 * what it made of that, `current` what is stored now. A field that the request did not change keeps the stored value;
 * one that it changed gets its value; one that it removed goes. Plain objects are merged field by field, anything else,
 * lists too, as a whole.
 */
export function merged(base: SessionData, mine: SessionData, current: SessionData): SessionData {
  const result = new Map(Object.entries(current))
  for (const name of new Set([...Object.keys(base), ...Object.keys(mine)])) {
    const before = Object.hasOwn(base, name) ? base[name] : undefined
    const after = Object.hasOwn(mine, name) ? mine[name] : undefined
    if (isDeepStrictEqual(before, after)) continue
    const stored = result.get(name)
    if (!Object.hasOwn(mine, name)) result.delete(name)
    else if (isPlain(before) && isPlain(after) && isPlain(stored))
      result.set(name, merged(before, after, stored))
    else result.set(name, after)
  }
  return Object.fromEntries(result)
}

function isPlain(value: unknown): value is SessionData {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
