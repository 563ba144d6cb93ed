import type { LocalEntry } from '@cache/ports'

/**
 * The keys that carry each tag, exactly: an entry is in it for as long as its tier holds it. Invalidating a tag
 * costs one removal per entry that carries it, which each of them pays for once in its life.
 */
export class TagIndex {
  readonly #keys = new Map<string, Set<string>>()

  add(key: string, entry: LocalEntry): void {
    for (const tag of entry.tags) {
      const keys = this.#keys.get(tag)
      if (keys) keys.add(key)
      else this.#keys.set(tag, new Set([key]))
    }
  }

  remove(key: string, entry: LocalEntry): void {
    for (const tag of entry.tags) {
      const keys = this.#keys.get(tag)
      if (keys?.delete(key) && keys.size === 0) this.#keys.delete(tag)
    }
  }

  /** A copy of the keys that carry the tag. */
  keysOf(tag: string): string[] {
    return [...(this.#keys.get(tag) ?? [])]
  }
}
