/** Keys noted between two writes; beyond it new keys are not noted, so that memory is bounded. */
const maxNoted = 4096

/** Keys that a write takes along at most. */
const perWrite = 256

/** Keys that were read, kept until a write takes them along: a read never writes. */
export class Uses {
  readonly #keys = new Set<string>()

  note(key: string): void {
    // The latest use is the last in the set.
    if (this.#keys.delete(key) || this.#keys.size < maxNoted) this.#keys.add(key)
  }

  /** Those used longest ago first; they are forgotten here. */
  take(): readonly string[] {
    const taken: string[] = []
    for (const key of this.#keys) {
      if (taken.length === perWrite) break
      taken.push(key)
      this.#keys.delete(key)
    }
    return taken
  }
}
