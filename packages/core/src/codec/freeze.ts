/** Deeper values, cycles among them, are not shared between callers. */
const maxDepth = 200

/**
 * Freezes a value all the way down, so that callers can share it. Only data that freezing protects qualifies:
 * primitives, plain objects and plain arrays. Returns `false`, with nothing frozen, for anything that holds a
 * `Map`, `Set`, `Date`, typed array, class instance, function or cycle: those stay mutable when frozen.
 */
export function freezeShared(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  if (!isFreezable(value, 0)) return false
  deepFreeze(value)
  return true
}

function isFreezable(value: object, depth: number): boolean {
  if (depth >= maxDepth || !isPlainContainer(value)) return false
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null && !isFreezable(item as object, depth + 1)) return false
    if (typeof item === 'function') return false
  }
  return true
}

function isPlainContainer(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

/** For values known to be trees of plain objects and arrays. */
export function deepFreeze(value: object): void {
  Object.freeze(value)
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null) deepFreeze(item as object)
  }
}
