import { expect, it } from 'vitest'

import { Client } from './support/client.ts'
import { FeedSocket } from './support/feed-socket.ts'
import { asked, Load } from './support/load.ts'
import { PlacedOrders } from './support/placed-orders.ts'
import { startServer, temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

/** Read for longer than a request takes. */
const rows = 60_000
const timeoutMs = 180_000

/** What people have in the app, as the page is told it. */
const kept = [
  '/web/session',
  '/web/broker',
  '/web/watchlist',
  '/web/strategies',
  '/web/workflows',
  '/web/api-keys',
] as const

interface Booked {
  readonly orderId: string
  readonly strategy: string
}

async function stateOf(client: Client): Promise<unknown[]> {
  const answers = await Promise.all(kept.map((path) => client.get(path)))
  return answers.map(({ status, body }) => [status, body])
}

/** A strategy that answers webhooks, one that holds a position, a workflow, a watchlist and settings. */
async function furnish(client: Client, line: { symbol: string; exchange: string; quantity: number }) {
  const { symbol, exchange, quantity } = line
  const symbols = [{ ...line, product: 'MIS' }]
  await client.post('/web/settings', { theme: 'dark' })
  await client.post('/web/watchlist/add', { symbol, exchange })
  const { webhook } = (await client.post('/web/strategies', { name: 'Hooked', symbols })).body
  const holding = { name: 'Holding', symbols, rules: { stopLossPercent: 90 } }
  const held = (await client.post('/web/strategies', holding)).body
  await client.post(held.webhook, { symbol, action: 'BUY' })
  await client.until('/web/strategies', ({ strategies }) =>
    strategies.some(({ run }: { run: { phase: string } }) => run.phase === 'holding'),
  )
  const step = { kind: 'order', symbol, exchange, product: 'MIS', action: 'BUY', quantity: String(quantity) }
  const flow = (await client.post('/web/workflows', { name: 'Flow', steps: [step] })).body
  return { strategy: String(webhook), workflow: String(flow.webhook) }
}

/** Calls of a webhook, each with an id of its own. */
class WebhookCalls {
  /** Id of the call → order that it was told of. */
  readonly acknowledged = new Map<string, string>()
  readonly #webhook: string
  readonly #body: object
  #calls = 0

  constructor(webhook: string, body: object) {
    this.#webhook = webhook
    this.#body = body
  }

  call(client: Client, id = `call-${++this.#calls}`) {
    return client.post(this.#webhook, { ...this.#body, id })
  }

  async load(client: Client): Promise<string | undefined> {
    const id = `call-${++this.#calls}`
    const { status, body } = await this.call(client, id)
    const orderId = body.orderid ?? body.steps?.[0].orderid
    if (status === 200 && orderId !== undefined) this.acknowledged.set(id, orderId)
    await new Promise((resolve) => setTimeout(resolve, 200))
    return status === 200 ? undefined : `${status}`
  }
}

it(
  'nothing is lost and nobody signs in again when it is killed in the middle of everything',
  async () => {
    const directory = await temporaryDirectory()
    const args = ['--instruments', await smallMaster(directory, rows)]
    const server = await startServer({ directory, args })
    const client = new Client(server.address)
    await client.setUp()
    await client.connect()
    const { instruments } = await client.until('/web/master', ({ phase }) => phase === 'ready')
    const apikey = await client.makeApiKey()
    const found = (await client.get('/web/symbols?q=RELIANCE&exchange=NSE')).body.results
    const { symbol } = found.find(({ instrumentType }: { instrumentType: string }) => instrumentType === 'EQ')
    const line = { symbol, exchange: 'NSE', quantity: 1 }
    const webhooks = await furnish(client, line)
    const before = await stateOf(client)

    const orders = new PlacedOrders(client, apikey, { ...line, product: 'MIS' })
    const strategy = new WebhookCalls(webhooks.strategy, { symbol, action: 'BUY' })
    const workflow = new WebhookCalls(webhooks.workflow, {})
    const feed = new FeedSocket(client.address)
    await feed.ask({ action: 'authenticate', api_key: apikey }, 'auth')
    await feed.ask({ action: 'subscribe', symbols: [{ symbol, exchange: 'NSE' }], mode: 'LTP' }, 'subscribe')
    const done = { searches: 0, quotes: 0 }
    const loads = [
      new Load(3, async () => {
        await asked(client, '/web/symbols?q=NIFTY', () => ++done.searches > 0)
      }),
      new Load(3, async () => {
        await asked(client, `/web/quotes?symbols=NSE:${symbol}`, () => ++done.quotes > 0)
      }),
      new Load(2, async () => {
        await Promise.all([orders.place(), new Promise((resolve) => setTimeout(resolve, 300))])
      }),
      new Load(1, () => strategy.load(client)),
      new Load(1, () => workflow.load(client)),
    ]
    const acknowledged = [orders.acknowledged, strategy.acknowledged, workflow.acknowledged]
    await expect
      .poll(() => [done.searches, done.quotes, feed.prices.size, ...acknowledged.map(({ size }) => size)])
      .toSatisfy((counts: number[]) => counts.every((count, at) => count >= (at === 2 ? 1 : 3)))
    // And while a master is read, all of it ends.
    expect((await client.post('/web/master/download', { force: true })).body.phase).toBe('importing')
    await server.stop('SIGKILL')
    await Promise.all(loads.map((load) => load.stop()))

    const again = new Client((await startServer({ directory, args })).address, client)
    const master = await again.until('/web/master', ({ phase }) => phase === 'ready')
    expect(master.instruments).toBe(instruments)
    expect(await stateOf(again)).toEqual(before)
    expect((await again.post('/api/v1/ping', { apikey })).body.data).toMatchObject({ message: 'pong' })
    expect((await again.get(`/web/quotes?symbols=NSE:${symbol}`)).body[0].symbol).toBe(symbol)

    expect(await orders.faults(again)).toEqual([])
    const book: Booked[] = (await again.get('/web/orders')).body.orders
    for (const { acknowledged: told } of [strategy, workflow])
      for (const orderId of told.values())
        expect(book.filter((order) => order.orderId === orderId)).toHaveLength(1)
    expect(book.filter((order) => order.strategy.startsWith('Holding#'))).toHaveLength(1)
    for (const calls of [strategy, workflow])
      for (const id of calls.acknowledged.keys())
        expect((await calls.call(again, id)).body.code).toBe('REPLAYED_CALL')

    const feedAgain = new FeedSocket(again.address)
    expect(await feedAgain.ask({ action: 'authenticate', api_key: apikey }, 'auth')).toMatchObject({
      status: 'success',
    })
    // Everything goes on as well.
    expect(await orders.place(again)).toBeUndefined()
    expect((await strategy.call(again)).status).toBe(200)
    await again.download()
    expect((await again.get('/web/master')).body).toMatchObject({ phase: 'ready', instruments })
  },
  timeoutMs,
)
