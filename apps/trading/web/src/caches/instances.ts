/** Of an instance that says nothing while the others answer so often, each, nothing more is expected. */
const silentRounds = 5

/**
 * Behind a load balancer each answer may be of another instance, and figures of several would jump. So one is chosen,
 * the first that answers, and the others are offered. One that answers no more is not, and if it was chosen, the one that
 * does answer takes its place.
 */
export class Instances {
  readonly #listeners = new Set<() => void>()
  /** Name → answers of others since its own. */
  readonly #silence = new Map<string, number>()
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
    for (const [name, answers] of this.#silence) this.#silence.set(name, answers + 1)
    this.#silence.set(instance, 0)
    const heard = [...this.#silence].filter(([, answers]) => answers <= silentRounds * this.#silence.size)
    const seen = heard.map(([name]) => name).sort()
    if (String(seen) === String(this.#seen)) return
    for (const name of this.#seen) if (!seen.includes(name)) this.#silence.delete(name)
    this.#seen = seen
    if (this.#chosen === undefined || !seen.includes(this.#chosen)) this.#chosen = instance
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
