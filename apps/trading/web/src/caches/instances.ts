/**
 * Behind a load balancer each answer may be of another instance, and figures of several would jump. So one is chosen,
 * the first that answers, and the others are offered.
 */
export class Instances {
  readonly #listeners = new Set<() => void>()
  #seen: readonly string[] = []
  #chosen: string | undefined

  /** In the order of their names. */
  get seen(): readonly string[] {
    return this.#seen
  }

  /** `undefined` before the first answer. */
  get chosen(): string | undefined {
    return this.#chosen
  }

  /** An answer came from this one. */
  note(instance: string): void {
    if (this.#seen.includes(instance)) return
    this.#seen = [...this.#seen, instance].sort()
    this.#chosen ??= instance
    this.#tell()
  }

  choose(instance: string): void {
    this.note(instance)
    this.#chosen = instance
    this.#tell()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

export const instances: Instances = new Instances()
