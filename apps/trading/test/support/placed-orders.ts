import type { Client } from './client.ts'

export interface OrderLine {
  readonly symbol: string
  readonly exchange: string
  readonly quantity: number
  readonly product: string
}

/** Orders over the API, each with a name that finds it in the broker's book. */
export class PlacedOrders {
  readonly acknowledged = new Set<string>()
  readonly #sent = new Set<string>()
  readonly #client: Client
  readonly #ticket: object

  constructor(client: Client, apikey: string, line: OrderLine) {
    this.#client = client
    this.#ticket = { apikey, ...line, pricetype: 'MARKET' }
  }

  /** Places one and says what went wrong, if anything did. */
  async place(client = this.#client): Promise<string | undefined> {
    const strategy = `s${this.#sent.size}-${Math.random().toString(36).slice(2, 8)}`
    this.#sent.add(strategy)
    // There and back, so that no account runs out of money.
    const action = this.#sent.size % 2 === 0 ? 'SELL' : 'BUY'
    const { status, body } = await client.post('/api/v1/placeorder', { ...this.#ticket, action, strategy })
    if (status !== 200) return `placeorder: ${status} ${JSON.stringify(body)}`
    this.acknowledged.add(strategy)
    return undefined
  }

  /** What is wrong with the broker's book: it lacks what was acknowledged, or has something twice. Nothing, if all is well. */
  async faults(client = this.#client): Promise<string[]> {
    const { body } = await client.get('/web/orders')
    const inBook: string[] = body.orders.map(({ strategy }: { strategy: string }) => strategy)
    const ours = inBook.filter((strategy) => this.#sent.has(strategy))
    const lost = [...this.acknowledged].filter((strategy) => !ours.includes(strategy))
    const twice = ours.filter((strategy, at) => ours.indexOf(strategy) !== at)
    return [
      ...lost.map((strategy) => `${strategy} is lost`),
      ...twice.map((strategy) => `${strategy} is doubled`),
    ]
  }
}
