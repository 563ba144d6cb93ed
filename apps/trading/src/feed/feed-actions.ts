import { z } from 'zod'

import type { App } from '../app.ts'
import type { BrokerInstrument } from '../broker/broker-adapter.ts'
import type { FeedClient } from './feed-client.ts'
import { errorMessage, keySchema, modeSchema, symbolsSchema, withId } from './feed-messages.ts'

const messageSchema = z.looseObject({ action: z.string().max(64) })

type Message = z.infer<typeof messageSchema>

/** What is to become of a connection after a message. */
export type FeedOutcome = 'goes on' | 'refused' | 'too many'

const connectionsPerUser = 250
const symbolsPerConnection = 1000

/** What clients of the feed can ask for. */
export class FeedActions {
  readonly #app: App
  readonly #perUser = new Map<number, number>()

  constructor(app: App) {
    this.#app = app
  }

  get authenticated(): number {
    return [...this.#perUser.values()].reduce((sum, count) => sum + count, 0)
  }

  async take(client: FeedClient, text: string): Promise<FeedOutcome> {
    if (client.gone) return 'goes on'
    const parsed = messageSchema.safeParse(jsonOf(text))
    if (!parsed.success) {
      const isObject = jsonOf(text) !== undefined
      const code = isObject ? 'INVALID_ACTION' : 'INVALID_JSON'
      client.send(
        errorMessage(code, isObject ? 'The message has no action' : 'The message is not valid JSON'),
      )
      return 'goes on'
    }
    const message = parsed.data
    if (message.action === 'authenticate' || message.action === 'auth')
      return this.#authenticate(client, message)
    if (message.action === 'ping') {
      this.#pong(client, message)
      return 'goes on'
    }
    if (client.userId === undefined) {
      client.send(errorMessage('NOT_AUTHENTICATED', 'Authenticate first', message['request_id']))
      return 'goes on'
    }
    await this.#act(client, message, client.userId)
    return 'goes on'
  }

  left(client: FeedClient): void {
    if (client.userId === undefined) return
    this.#app.feed.remove(client)
    const rest = (this.#perUser.get(client.userId) ?? 1) - 1
    if (rest > 0) this.#perUser.set(client.userId, rest)
    else this.#perUser.delete(client.userId)
  }

  async #authenticate(client: FeedClient, message: Message): Promise<FeedOutcome> {
    const { addressGuard, connections, feed } = this.#app
    const id = message['request_id']
    if (client.userId !== undefined) {
      client.send({ type: 'auth', status: 'success', message: 'Authenticated already', ...withId(id) })
      return 'goes on'
    }
    await addressGuard.check(client.ip)
    const owner = await this.#ownerBy(message)
    const userId = await owner?.()
    if (owner === undefined || userId === undefined) {
      await addressGuard.countWrongKey(client.ip)
      client.send({ ...errorMessage('AUTHENTICATION_ERROR', 'Invalid openalgo apikey', id), type: 'auth' })
      return 'refused'
    }
    if (client.gone) return 'goes on'
    const count = (this.#perUser.get(userId) ?? 0) + 1
    if (count > connectionsPerUser) return 'too many'
    this.#perUser.set(userId, count)
    client.userId = userId
    client.owner = owner
    feed.add(client)
    const broker = await connections.brokerName(userId)
    client.send({
      type: 'auth',
      status: 'success',
      message: 'Authentication successful',
      broker,
      ...withId(id),
    })
    return 'goes on'
  }

  /** Who has the key or the ticket of a message, now and later; `undefined` when it is no good. */
  async #ownerBy(message: Message): Promise<(() => Promise<number | undefined>) | undefined> {
    const { apiKeys, pageTickets } = this.#app
    const { api_key: first, apikey: second, ticket } = keySchema.safeParse(message).data ?? {}
    const key = first ?? second
    if (ticket !== undefined && key === undefined) return pageTickets.ownerBy(ticket)
    const { userId } = await apiKeys.check(key ?? '')
    const hash = apiKeys.hashOf(key ?? '')
    return userId === undefined ? undefined : () => apiKeys.ownerOfHash(hash)
  }

  async #act(client: FeedClient, message: Message, userId: number): Promise<void> {
    const id = message['request_id']
    switch (message.action) {
      case 'subscribe':
        return this.#subscribe(client, message)
      case 'unsubscribe':
        return this.#unsubscribe(client, message)
      case 'unsubscribe_all':
        this.#app.feed.unsubscribe(client, [...client.modes.keys()])
        client.send({ type: 'unsubscribe_all', status: 'success', ...withId(id) })
        return undefined
      case 'subscribe_orders':
        client.wantsOrders = true
        this.#app.feed.keep(userId)
        client.send({ type: 'subscribe_orders', status: 'success', ...withId(id) })
        return undefined
      case 'unsubscribe_orders':
        client.wantsOrders = false
        client.send({ type: 'unsubscribe_orders', status: 'success', ...withId(id) })
        return undefined
      default:
        client.send(errorMessage('INVALID_ACTION', `There is no action ${message.action}`, id))
        return undefined
    }
  }

  async #subscribe(client: FeedClient, message: Message): Promise<void> {
    const id = message['request_id']
    const mode = modeSchema.safeParse(message['mode'])
    if (!mode.success) {
      client.send(errorMessage('INVALID_MODE', 'Mode is 1, 2, 3, LTP, Quote or Depth', id))
      return
    }
    const symbols = symbolsSchema.safeParse(message)
    if (!symbols.success || symbols.data.length === 0) {
      client.send(errorMessage('INVALID_PARAMETERS', 'Give symbols, each with symbol and exchange', id))
      return
    }
    const accepted: BrokerInstrument[] = []
    const subscriptions: object[] = []
    for (const { symbol, exchange } of symbols.data) {
      const instrument = await this.#app.finder.find(symbol, exchange)
      const isNew = !client.modes.has(`${exchange}:${symbol}`)
      const isFull = isNew && client.modes.size + accepted.length >= symbolsPerConnection
      if (instrument === undefined || isFull) {
        const code = isFull ? 'SYMBOL_LIMIT' : 'SYMBOL_NOT_FOUND'
        const text = isFull
          ? `More than ${symbolsPerConnection} symbols`
          : `Symbol ${symbol} not found in exchange ${exchange}`
        subscriptions.push({ symbol, exchange, status: 'error', code, message: text })
        continue
      }
      accepted.push(instrument.toJSON())
      const given = { symbol, exchange, status: 'success', mode: mode.data, broker: this.#app.broker.id }
      subscriptions.push(mode.data === 3 ? { ...given, depth: 5 } : given)
    }
    if (client.gone) return
    const status =
      accepted.length === subscriptions.length ? 'success' : accepted.length === 0 ? 'error' : 'partial'
    client.send({ type: 'subscribe', status, subscriptions, ...withId(id) })
    this.#app.feed.subscribe(client, accepted, mode.data)
  }

  #unsubscribe(client: FeedClient, message: Message): void {
    const id = message['request_id']
    const symbols = symbolsSchema.safeParse(message)
    if (!symbols.success || symbols.data.length === 0) {
      client.send(errorMessage('INVALID_PARAMETERS', 'Give symbols, each with symbol and exchange', id))
      return
    }
    const known = symbols.data.filter(({ symbol, exchange }) => client.modes.has(`${exchange}:${symbol}`))
    for (const { symbol, exchange, mode = message['mode'] } of known) {
      const only = mode === undefined ? undefined : modeSchema.safeParse(mode).data
      this.#app.feed.unsubscribe(client, [`${exchange}:${symbol}`], only)
    }
    const status = known.length === symbols.data.length ? 'success' : 'partial'
    client.send({ type: 'unsubscribe', status, successful: known, ...withId(id) })
  }

  #pong(client: FeedClient, message: Message): void {
    const { timestamp, _pingId: pingId } = message
    client.send({
      type: 'pong',
      server_timestamp: this.#app.clock.wallMs(),
      client_timestamp: timestamp,
      _pingId: pingId,
      ...withId(message['request_id']),
    })
  }
}

/** `undefined` for what is no JSON object. */
function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
