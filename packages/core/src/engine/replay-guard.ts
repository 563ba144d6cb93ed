/** Keys and tags remembered one by one. */
const remembered = 16_384

/**
 * What this process knows of when the entries of a sealed cache were written or made unreadable, so that an older
 * entry that somebody puts back is told from a current one. It knows nothing of what happened before it started, or
 * in other processes; for those an entry's sealed times are the bound. Times are wall-clock; entries sealed up to the
 * tolerance too early are accepted, because clocks of several machines differ. Bounded: the oldest are forgotten.
 */
export class ReplayGuard {
  readonly #toleranceMs: number
  readonly #keys = new Map<string, number>()
  readonly #tags = new Map<string, number>()
  #clearedMs = Number.NEGATIVE_INFINITY

  constructor(toleranceMs: number) {
    this.#toleranceMs = toleranceMs
  }

  /** Whether an entry sealed at a moment may be the current one; remembers it as the latest of its key if so. */
  admits(storedKey: string, tags: readonly string[], sealedMs: number): boolean {
    const latestMs = this.#keys.get(storedKey) ?? Number.NEGATIVE_INFINITY
    if (sealedMs < Math.max(latestMs, this.#endedMs(tags)) - this.#toleranceMs) return false
    if (sealedMs > latestMs) remember(this.#keys, storedKey, sealedMs)
    return true
  }

  /** When a tag of an entry, or all entries, were last made unreadable. */
  #endedMs(tags: readonly string[]): number {
    let ms = this.#clearedMs
    if (this.#tags.size > 0) for (const tag of tags) ms = Math.max(ms, this.#tags.get(tag) ?? ms)
    return ms
  }

  /** The key was written or deleted by this process. */
  keyChanged(storedKey: string, wallMs: number): void {
    remember(this.#keys, storedKey, wallMs)
  }

  tagChanged(tag: string, wallMs: number): void {
    remember(this.#tags, tag, wallMs)
  }

  cleared(wallMs: number): void {
    this.#clearedMs = wallMs
    this.#keys.clear()
    this.#tags.clear()
  }
}

function remember(moments: Map<string, number>, name: string, wallMs: number): void {
  moments.delete(name)
  moments.set(name, wallMs)
  if (moments.size <= remembered) return
  for (const oldest of moments.keys()) {
    moments.delete(oldest)
    return
  }
}
