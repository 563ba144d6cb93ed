const maxTags = 16_384

/**
 * The sequence at which each tag was last invalidated. Bounded: a tag that was forgotten counts as invalidated at
 * the sequence up to which anything was forgotten, so losing a record can refuse a fill, never admit one.
 */
export class TagGenerations {
  readonly #generations = new Map<string, number>()
  #forgottenUpTo = 0

  invalidate(tag: string, sequence: number): void {
    this.#generations.delete(tag)
    this.#generations.set(tag, sequence)
    if (this.#generations.size > maxTags) this.#forgetOldest()
  }

  /** Whether none of the tags was invalidated after `sequence`. */
  holdSince(tags: readonly string[], sequence: number): boolean {
    return tags.every((tag) => (this.#generations.get(tag) ?? this.#forgottenUpTo) <= sequence)
  }

  #forgetOldest(): void {
    for (const [tag, sequence] of this.#generations) {
      this.#generations.delete(tag)
      this.#forgottenUpTo = sequence
      return
    }
  }
}
