/** Entries looked at for one eviction. */
const sampleSize = 16

/**
 * Chooses what to evict: the least recently used of the next 16 entries, going round and round. In maps of up to 16
 * entries that is the least recently used of all; in larger ones it comes close to it, as in Redis, which samples in
 * the same way at random (https://redis.io/docs/latest/develop/reference/eviction/). `O(1)` for each choice, and
 * nothing at all for each use.
 */
export class ColdestFirst {
  readonly #entries: ReadonlyMap<string, { readonly usedAt: number }>
  /** A map's iterator survives changes of the map. */
  #hand: MapIterator<[string, { readonly usedAt: number }]>

  constructor(entries: ReadonlyMap<string, { readonly usedAt: number }>) {
    this.#entries = entries
    this.#hand = entries.entries()
  }

  /** The key to evict, or `undefined` when there is none. */
  find(): string | undefined {
    let coldestKey: string | undefined
    let coldestUse = Number.POSITIVE_INFINITY
    const looks = Math.min(sampleSize, this.#entries.size)
    for (let look = 0; look < looks; look++) {
      const [key, { usedAt }] = this.#next()
      if (usedAt >= coldestUse) continue
      coldestKey = key
      coldestUse = usedAt
    }
    return coldestKey
  }

  /** The next entry of a map that is not empty. */
  #next(): [string, { readonly usedAt: number }] {
    for (;;) {
      const { done, value } = this.#hand.next()
      if (done !== true) return value
      this.#hand = this.#entries.entries()
    }
  }
}
