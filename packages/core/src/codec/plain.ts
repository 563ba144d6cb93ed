/** What {@link plainBytes} answers for a value that JSON would not carry without loss. */
export const notPlain = -1

/** Deeper values, cycles among them, take the faithful form, which carries both. */
const maxDepth = 200

/**
 * An estimate of the heap bytes a value takes, if JSON carries it without loss: `null`, booleans, text, finite
 * numbers but not `-0`, dense arrays and plain objects of these, without `undefined`, symbols, `toJSON`, cycles or
 * a key `__proto__`. {@link notPlain} for everything else. `O(size of the value)`.
 */
export function plainBytes(value: unknown, depth = 0): number {
  switch (typeof value) {
    case 'string':
      return 24 + value.length
    case 'boolean':
      return 4
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? 8 : notPlain
    case 'object':
      if (value === null) return 4
      return depth < maxDepth ? containerBytes(value, depth) : notPlain
    default:
      return notPlain
  }
}

function containerBytes(value: object, depth: number): number {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return objectBytes(value as Record<string, unknown>, depth)
  return prototype === Array.prototype && Array.isArray(value) ? arrayBytes(value, depth) : notPlain
}

function objectBytes(value: Record<string, unknown>, depth: number): number {
  let total = 40
  // Twice as fast as Object.keys. What a spoilt Object.prototype adds is looked at as well, and does no harm.
  for (const key in value) {
    const bytes = plainBytes(value[key], depth + 1)
    if (bytes === notPlain || key === '__proto__' || key === 'toJSON') return notPlain
    total += 16 + bytes
  }
  return hasOnlyTextKeys(value) ? total : notPlain
}

function arrayBytes(value: readonly unknown[], depth: number): number {
  let total = 32
  for (let index = 0; index < value.length; index++) {
    const bytes = plainBytes(value[index], depth + 1)
    if (bytes === notPlain) return notPlain
    total += 8 + bytes
  }
  // A hole reads as undefined above; what is left to exclude are names beside the indexes.
  return Object.keys(value).length === value.length && hasOnlyTextKeys(value) ? total : notPlain
}

function hasOnlyTextKeys(value: object): boolean {
  return Object.getOwnPropertySymbols(value).length === 0
}
