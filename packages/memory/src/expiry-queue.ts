/** When a key's entry is gone. */
export interface Expiry {
  readonly key: string
  readonly goneAtMs: number
}

/**
 * A binary heap of keys by the time their entries are gone. Entries replaced meanwhile stay in it until their time
 * or until {@link replaceAll}, so whoever takes a key looks at its present entry. `push` is `O(log n)`, and `O(1)`
 * where all entries live equally long.
 */
export class ExpiryQueue {
  #heap: Expiry[] = []

  get size(): number {
    return this.#heap.length
  }

  push(key: string, goneAtMs: number): void {
    if (goneAtMs === Number.POSITIVE_INFINITY) return
    const expiry = { key, goneAtMs }
    let index = this.#heap.length
    this.#heap.push(expiry)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#heap[parentIndex]
      if (!parent || parent.goneAtMs <= goneAtMs) break
      this.#heap[index] = parent
      index = parentIndex
    }
    this.#heap[index] = expiry
  }

  /** Takes a key whose time has come, earliest first. */
  takeDue(nowMs: number): string | undefined {
    const first = this.#heap[0]
    if (!first || first.goneAtMs > nowMs) return undefined
    const last = this.#heap.pop()
    if (last && this.#heap.length > 0) this.#sink(last)
    return first.key
  }

  replaceAll(expiries: Iterable<Expiry>): void {
    this.#heap = []
    for (const { key, goneAtMs } of expiries) this.push(key, goneAtMs)
  }

  /** Puts an expiry at the top and moves it down to its place. */
  #sink(expiry: Expiry): void {
    let index = 0
    for (;;) {
      const childIndex = this.#earlierChild(index)
      const child = this.#heap[childIndex]
      if (!child || child.goneAtMs >= expiry.goneAtMs) break
      this.#heap[index] = child
      index = childIndex
    }
    this.#heap[index] = expiry
  }

  #earlierChild(index: number): number {
    const left = 2 * index + 1
    const leftMs = this.#heap[left]?.goneAtMs ?? Number.POSITIVE_INFINITY
    const rightMs = this.#heap[left + 1]?.goneAtMs ?? Number.POSITIVE_INFINITY
    return rightMs < leftMs ? left + 1 : left
  }
}
