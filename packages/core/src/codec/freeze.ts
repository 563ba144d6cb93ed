/** Deeper values, cycles among them, are not shared between callers. */
const maxDepth = 200

/** What {@link frozenCopy} answers for a value that freezing would not protect. */
export const notFreezable: unique symbol = Symbol('not freezable')

/**
 * A copy frozen all the way down, so that callers can share it and its owner can go on changing the original.
 * Only plain objects, plain arrays and primitives qualify: a `Map`, `Set`, `Date`, typed array or class instance
 * stays mutable when frozen.
 */
export function frozenCopy<V>(value: V, depth = 0): V | typeof notFreezable {
  if (typeof value === 'function') return notFreezable
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth || !isPlainContainer(value)) return notFreezable
  const copy = copyOf(value)
  const keys = Object.keys(value)
  // An array's names beside its indexes are not copied, and `__proto__` is no data.
  if (Object.keys(copy).length !== keys.length || keys.includes('__proto__')) return notFreezable
  for (const key of keys) {
    const item = (copy as Record<string, unknown>)[key]
    if (typeof item !== 'object' && typeof item !== 'function') continue
    const itemCopy = frozenCopy(item, depth + 1)
    if (itemCopy === notFreezable) return notFreezable
    ;(copy as Record<string, unknown>)[key] = itemCopy
  }
  return Object.freeze(copy) as V
}

function copyOf(value: object): object {
  if (Array.isArray(value)) return value.slice()
  return Object.getPrototypeOf(value) === null
    ? Object.assign(Object.create(null) as object, value)
    : { ...value }
}

/** Freezes a value that has no other owner; `false`, with nothing frozen, where {@link frozenCopy} would refuse. */
export function freezeShared(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  if (!isFreezable(value, 0)) return false
  deepFreeze(value)
  return true
}

/** The same for what JSON was parsed to, which is always plain. */
export function freezeParsed(value: unknown): void {
  if (typeof value === 'object' && value !== null) deepFreeze(value)
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

function deepFreeze(value: object): void {
  Object.freeze(value)
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null) deepFreeze(item as object)
  }
}
