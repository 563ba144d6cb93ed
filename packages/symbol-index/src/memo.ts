/**
 * Remembers what a pure function gave for its last arguments. A master repeats a few thousand strikes, dates
 * and ticks a hundred thousand times; when an unusual one does not, the memory is dropped at the limit.
 */
export function memoize<Key extends string | number, Value>(
  compute: (key: Key) => Value,
  limit: number,
): (key: Key) => Value {
  const known = new Map<Key, Value>()
  return (key) => {
    const value = known.get(key)
    if (value !== undefined) return value
    const computed = compute(key)
    if (known.size >= limit) known.clear()
    known.set(key, computed)
    return computed
  }
}
