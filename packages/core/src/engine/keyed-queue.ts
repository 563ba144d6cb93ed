/** Runs the tasks of one key one after another, and those of different keys side by side. Holds only busy keys. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    const turn = Promise.withResolvers<void>()
    this.#tails.set(key, turn.promise)
    try {
      await before
      return await task()
    } finally {
      if (this.#tails.get(key) === turn.promise) this.#tails.delete(key)
      turn.resolve()
    }
  }
}
