import { post, RequestError } from '../api/client.ts'

/** What is wanted of an instrument; each holds what those before it do. */
export const modes = { price: 1, quote: 2, depth: 3 } as const

export type Mode = (typeof modes)[keyof typeof modes]

export interface DepthLevel {
  readonly price: number
  readonly quantity: number
}

/** A price as the feed sends it. */
export interface Tick {
  readonly ltp: number
  readonly prev_close?: number
  readonly open?: number
  readonly high?: number
  readonly low?: number
  readonly bid?: number
  readonly ask?: number
  readonly volume?: number
  readonly oi?: number
  readonly timestamp: number
  readonly depth?: { readonly buy: readonly DepthLevel[]; readonly sell: readonly DepthLevel[] }
}

/**
 * How it stands with the feed.
 *
 * - `connecting`: for the first time, or again after it broke
 * - `live`: prices come
 * - `no-broker`: connected, but there are no prices before the broker is
 */
export type FeedState = 'connecting' | 'live' | 'no-broker'

interface FeedMessage {
  readonly type: string
  readonly status?: string
  readonly code?: string
  readonly symbol?: string
  readonly exchange?: string
  readonly mode?: number
  readonly data?: Tick
}

interface Wanted {
  readonly listeners: Map<() => void, Mode>
  tick: Tick | undefined
}

const firstRetryMs = 500
const longestRetryMs = 3000
/** A price that nobody has asked for since is forgotten: it would be old when it is asked for again. */
const lingerMs = 2000

/** The page's one connection to the app's feed: what views ask for is asked for once, and again after it broke. */
export class PriceFeed {
  readonly #wanted = new Map<string, Wanted>()
  readonly #stateListeners = new Set<() => void>()
  readonly #orderListeners = new Set<() => void>()
  /** In which mode the server was asked for each. */
  readonly #asked = new Map<string, number>()
  readonly #changed = new Set<string>()
  #socket: WebSocket | undefined
  #ready = false
  #state: FeedState = 'connecting'
  #retryMs = firstRetryMs
  #timer: ReturnType<typeof setTimeout> | undefined
  #sending = false

  get state(): FeedState {
    return this.#state
  }

  tick(key: string): Tick | undefined {
    return this.#wanted.get(key)?.tick
  }

  /** Tells of each new price of an instrument (`NSE:INFY`). The result ends it. */
  watch(key: string, mode: Mode, listener: () => void): () => void {
    let wanted = this.#wanted.get(key)
    if (wanted === undefined) this.#wanted.set(key, (wanted = { listeners: new Map(), tick: undefined }))
    wanted.listeners.set(listener, mode)
    this.#change(key)
    this.#connect()
    return () => {
      wanted.listeners.delete(listener)
      setTimeout(() => {
        if (wanted.listeners.size === 0 && this.#wanted.get(key) === wanted) this.#wanted.delete(key)
        this.#change(key)
      }, lingerMs)
    }
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  /** Tells that an order of the user has changed. */
  onOrder(listener: () => void): () => void {
    this.#orderListeners.add(listener)
    this.#connect()
    if (this.#ready) this.#send({ action: 'subscribe_orders' })
    return () => this.#orderListeners.delete(listener)
  }

  /** Ends it, when nobody is signed in any more. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const socket = this.#socket
    this.#socket = undefined
    this.#ready = false
    socket?.close()
  }

  #connect(): void {
    if (this.#socket !== undefined || this.#timer !== undefined) return
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${window.location.host}/ws`)
    this.#socket = socket
    this.#setState('connecting')
    socket.addEventListener('open', () => void this.#authenticate(socket))
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as FeedMessage))
    socket.addEventListener('close', () => this.#broke(socket))
  }

  async #authenticate(socket: WebSocket): Promise<void> {
    try {
      const { ticket } = await post<{ readonly ticket: string }>('/web/feed/ticket')
      if (socket.readyState === WebSocket.OPEN)
        socket.send(JSON.stringify({ action: 'authenticate', ticket }))
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      socket.close()
    }
  }

  #broke(socket: WebSocket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#ready = false
    this.#setState('connecting')
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#wanted.size > 0 || this.#orderListeners.size > 0) this.#connect()
    }, this.#retryMs)
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
  }

  #take({ type, status, code, symbol, exchange, mode = 0, data }: FeedMessage): void {
    if (type === 'market_data' && data !== undefined) {
      const wanted = this.#wanted.get(`${exchange}:${symbol}`)
      // While a richer form takes the place of another, both come.
      if (wanted === undefined || mode < modeOf(wanted)) return
      wanted.tick = data
      this.#setState('live')
      for (const listener of wanted.listeners.keys()) listener()
    } else if (type === 'auth' && status === 'success') {
      this.#ready = true
      this.#retryMs = firstRetryMs
      this.#setState('live')
      this.#asked.clear()
      for (const key of this.#wanted.keys()) this.#change(key)
      if (this.#orderListeners.size > 0) this.#send({ action: 'subscribe_orders' })
    } else if (type === 'order_update') {
      for (const listener of this.#orderListeners) listener()
    } else if (type === 'error' && code === 'BROKER_ERROR') {
      this.#setState('no-broker')
    }
  }

  /** What is asked for in one turn goes in one message. */
  #change(key: string): void {
    this.#changed.add(key)
    if (this.#sending || !this.#ready) return
    this.#sending = true
    queueMicrotask(() => this.#flush())
  }

  /** Asks for what is wanted now, and then no more for what was wanted before: nothing is missed in between. */
  #flush(): void {
    this.#sending = false
    const changed = [...this.#changed]
    this.#changed.clear()
    const ended: object[] = []
    const begun = new Map<number, object[]>()
    for (const key of changed) {
      const [mode, before] = [modeOf(this.#wanted.get(key)), this.#asked.get(key) ?? 0]
      if (mode === before) continue
      if (before > 0) ended.push({ ...symbolOf(key), mode: before })
      if (mode > 0) begun.set(mode, [...(begun.get(mode) ?? []), symbolOf(key)])
      if (mode > 0) this.#asked.set(key, mode)
      else this.#asked.delete(key)
    }
    for (const [mode, symbols] of begun) this.#send({ action: 'subscribe', symbols, mode })
    if (ended.length > 0) this.#send({ action: 'unsubscribe', symbols: ended })
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #setState(state: FeedState): void {
    if (this.#state === state) return
    this.#state = state
    for (const listener of this.#stateListeners) listener()
  }
}

/** 0 while nobody wants it. */
function modeOf(wanted: Wanted | undefined): number {
  return Math.max(0, ...(wanted?.listeners.values() ?? []))
}

function symbolOf(key: string): { readonly exchange: string; readonly symbol: string } {
  const [exchange = '', ...symbol] = key.split(':')
  return { exchange, symbol: symbol.join(':') }
}

export const priceFeed: PriceFeed = new PriceFeed()
