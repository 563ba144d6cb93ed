import type { BrokerInstrument, Quote } from '../broker/broker-adapter.ts'

/** Asks the broker for many instruments at once, aligned with the question. */
export type QuoteSource = (
  userId: number,
  instruments: readonly BrokerInstrument[],
) => Promise<(Quote | undefined)[]>

interface Waiting {
  readonly instrument: BrokerInstrument
  readonly resolve: (quote: Quote | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Gathers the questions of one turn of the event loop into one call for each user. */
export class QuoteBatch {
  readonly #source: QuoteSource
  readonly #waiting = new Map<number, Waiting[]>()

  constructor(source: QuoteSource) {
    this.#source = source
  }

  load(userId: number, instrument: BrokerInstrument): Promise<Quote | undefined> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(userId)
      if (waiting !== undefined) {
        waiting.push({ instrument, resolve, reject })
        return
      }
      this.#waiting.set(userId, [{ instrument, resolve, reject }])
      setImmediate(() => void this.#send(userId))
    })
  }

  async #send(userId: number): Promise<void> {
    const waiting = this.#waiting.get(userId) ?? []
    this.#waiting.delete(userId)
    try {
      const quotes = await this.#source(
        userId,
        waiting.map(({ instrument }) => instrument),
      )
      for (const [index, { resolve }] of waiting.entries()) resolve(quotes[index])
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}
