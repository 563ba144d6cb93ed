import { FeedSocket } from './feed-socket.ts'

/** A client of the feed that keeps the last price of each symbol, and counts. */
export class PriceWatcher {
  readonly #feed: FeedSocket
  readonly prices = new Map<string, number>()
  ticks = 0
  /** How often it was told that it reads too slowly. */
  notices = 0

  constructor(address: string) {
    this.#feed = new FeedSocket(address)
  }

  get socket(): FeedSocket['socket'] {
    return this.#feed.socket
  }

  async begin(apikey: string, symbols: readonly object[]): Promise<void> {
    await this.#feed.ask({ action: 'authenticate', api_key: apikey }, 'auth')
    this.#feed.onMessage = (message) => {
      if (message.type === 'notice') this.notices++
      if (message.type !== 'market_data') return message.type === 'subscribe'
      this.ticks++
      this.prices.set(`${message.exchange}:${message.symbol}`, message.data.ltp)
      return false
    }
    await this.#feed.ask({ action: 'subscribe', symbols, mode: 'LTP' }, 'subscribe')
  }
}
