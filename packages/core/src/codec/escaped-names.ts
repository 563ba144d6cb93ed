/*
 * V8 from 13.6 on (Node 24) may read a property's name that ends in an escape as another one that ends in a backslash,
 * which it met before at the same place of an object: after `{"x":1,"a\\":1}` it takes `{"x":1,"a\n":1}` for the same.
 * So no name that JSON writes with an escape is stored as a property's name.
 */

/** What JSON, or devalue, writes with an escape; so it does with what is not well-formed. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const escaped = /["\\<\u0000-\u001f\u2028\u2029]/

/** A text of JSON, and whether a colon follows it: then it is a name. */
const texts = /"((?:[^"\\]|\\.)*)"(:?)/g

/** Whether a text that `JSON.stringify` wrote holds a name with an escape. `O(length)`, and little where it has no escape. */
export function hasEscapedName(json: string): boolean {
  if (!json.includes('\\')) return false
  for (const [, text = '', colon] of json.matchAll(texts))
    if (colon === ':' && text.includes('\\')) return true
  return false
}

/** A plain object with such names as the list of its entries; `false` for everything else. */
export function entriesOfEscaped(
  value: unknown,
): readonly [isBare: boolean, entries: [string, unknown][]] | false {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return false
  const entries = Object.entries(value)
  if (!entries.some(([name]) => escaped.test(name) || !name.isWellFormed())) return false
  const isRefused = Object.hasOwn(value, '__proto__') || Object.getOwnPropertySymbols(value).length > 0
  return isRefused ? false : [prototype === null, entries]
}

/** The object again. */
export function objectOfEntries([isBare, entries]: readonly [boolean, readonly [string, unknown][]]): object {
  if (entries.some(([name]) => name === '__proto__'))
    throw new TypeError('it has a name that no object may have')
  return Object.assign(Object.create(isBare ? null : Object.prototype) as object, Object.fromEntries(entries))
}
