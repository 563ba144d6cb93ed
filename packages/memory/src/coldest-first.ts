/** Entries looked at for one eviction. */
const sampleSize = 8

/** Maps of up to this size are looked at whole. */
const smallSize = 16

/** Entries looked at when the sample holds none that was long unused. */
const longestSearch = 256

interface Used {
  readonly usedAt: number
}

/**
 * Chooses what to evict: in maps of up to 16 entries the least recently used of all, in larger ones that of the next
 * 8, going round and round, which comes close to it, as in Redis, which samples in the same way at random
 * (https://redis.io/docs/latest/develop/reference/eviction/).
 *
 * Neighbours were written together, so they may all be in use. Of `n` entries the least recently used one has waited
 * for `n` uses of others at least; where none of the sample has, the search goes on, through 256 entries at most.
 * `O(1)` for each choice, and nothing at all for each use.
 */
export class ColdestFirst {
  readonly #entries: ReadonlyMap<string, Used>
  /** A map's iterator survives changes of the map. */
  #hand: MapIterator<[string, Used]>

  constructor(entries: ReadonlyMap<string, Used>) {
    this.#entries = entries
    this.#hand = entries.entries()
  }

  /** The key to evict after this many uses, or `undefined` when there is none. */
  find(uses: number): string | undefined {
    const { size } = this.#entries
    const looks = size <= smallSize ? size : sampleSize
    const mostLooks = Math.min(longestSearch, size)
    let coldestKey: string | undefined
    let coldestUse = Number.POSITIVE_INFINITY
    for (let look = 0; look < looks || (look < mostLooks && coldestUse > uses - size); look++) {
      const entry = this.#next()
      const { usedAt } = entry[1]
      if (usedAt >= coldestUse) continue
      coldestKey = entry[0]
      coldestUse = usedAt
    }
    return coldestKey
  }

  /** The next entry of a map that is not empty. */
  #next(): [string, Used] {
    for (;;) {
      const { done, value } = this.#hand.next()
      if (done !== true) return value
      this.#hand = this.#entries.entries()
    }
  }
}
