/** A seeded generator of numbers in [0, 1); mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How often each of several things is asked for. */
export type Popularity = 'uniform' | 'zipf'

const zipfExponent = 0.99

/** `length` of the items in the order in which they are asked for. */
export function accessOrder<T>(items: readonly T[], popularity: Popularity, length: number): T[] {
  const random = seededRandom(20_261_121)
  const pick =
    popularity === 'uniform' ? (): number => Math.floor(random() * items.length) : zipf(items, random)
  return Array.from({ length }, () => items[pick()] as T)
}

/** Ranks by the inverse of the cumulated weights; the ranks are spread over the items at random. */
function zipf(items: readonly unknown[], random: () => number): () => number {
  const cumulated = new Float64Array(items.length)
  let total = 0
  for (let rank = 0; rank < cumulated.length; rank++) {
    total += 1 / (rank + 1) ** zipfExponent
    cumulated[rank] = total
  }
  const itemOfRank = shuffledIndexes(items.length, random)
  return () => itemOfRank[firstAtLeast(cumulated, random() * total)] ?? 0
}

function shuffledIndexes(length: number, random: () => number): number[] {
  const indexes = Array.from({ length }, (_, index) => index)
  for (let index = length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    ;[indexes[index], indexes[other]] = [indexes[other] ?? 0, indexes[index] ?? 0]
  }
  return indexes
}

function firstAtLeast(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) >= value) high = middle
    else low = middle + 1
  }
  return low
}
