import { beforeAll, describe, expect, it } from 'vitest'

import { Client } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'
import { startServer } from './support/running-server.ts'

let client: Client
let share: { symbol: string; exchange: string; product: string; quantity: number }

beforeAll(async () => {
  client = (await readyApp()).client
  const { body } = await client.get('/web/symbols?q=RELIANCE&exchange=NSE')
  const found = body.results.find(({ instrumentType }: { instrumentType: string }) => instrumentType === 'EQ')
  share = { symbol: found.symbol, exchange: 'NSE', product: 'MIS', quantity: 3 }
})

function signal(from: Client, webhook: string, body: object) {
  return from.post(webhook, { symbol: share.symbol, action: 'BUY', ...body })
}

/** The same app after `kill -9`. */
async function restarted({ server, client: before }: Awaited<ReturnType<typeof readyApp>>): Promise<Client> {
  await server.stop('SIGKILL')
  const { address } = await startServer({ directory: server.directory })
  const after = new Client(address, before)
  await after.until('/web/master', ({ phase }) => phase === 'ready')
  return after
}

async function newStrategy(rules?: object, owner = client) {
  const asked = { name: 'Mine', symbols: [share], ...(rules === undefined ? {} : { rules }) }
  const { status, body } = await owner.post('/web/strategies', asked)
  expect(status).toBe(201)
  return body
}

async function runOf(from: Client, id: number) {
  const { body } = await from.get('/web/strategies')
  return body.strategies.find((one: { id: number }) => one.id === id).run
}

/** Two starts of the app, each with its master, on a machine that does other things too. */

describe('the webhook of a strategy', () => {
  it('works at once, also where its address was tried before', async () => {
    const nobody = '/strategy/webhook/not-there'
    expect((await signal(client, nobody, {})).status).toBe(404)
    const { webhook } = await newStrategy()
    const answer = await signal(client, webhook, {})
    expect(answer).toMatchObject({ status: 200, body: { status: 'success', orderid: expect.any(String) } })
    await client.until('/web/orders', ({ orders }) => orders[0]?.strategy === 'Mine')
  })

  it('takes a call with an id once, also after a restart', async () => {
    const ready = await readyApp()
    const { webhook } = await newStrategy(undefined, ready.client)
    expect((await signal(ready.client, webhook, { id: 'call-1' })).status).toBe(200)
    expect(await signal(ready.client, webhook, { id: 'call-1' })).toMatchObject({
      status: 409,
      body: { code: 'REPLAYED_CALL' },
    })
    const again = await restarted(ready)
    expect((await signal(again, webhook, { id: 'call-1' })).status).toBe(409)
    expect((await signal(again, webhook, { id: 'call-2' })).status).toBe(200)
  })

  it('refuses calls of long ago, other symbols, and strategies that are switched off or gone', async () => {
    const { webhook, id } = await newStrategy()
    const old = await signal(client, webhook, { timestamp: '2020-01-01T00:00:00Z' })
    expect(old).toMatchObject({ status: 400, body: { code: 'STALE_CALL' } })
    expect((await signal(client, webhook, { symbol: 'OTHER' })).status).toBe(400)
    expect((await signal(client, webhook, { action: 'HOLD' })).status).toBe(400)
    await client.post(`/web/strategies/${id}`, { isActive: false })
    expect(await signal(client, webhook, {})).toMatchObject({ status: 400, body: { code: 'INACTIVE' } })
    await client.post(`/web/strategies/${id}/remove`)
    expect((await signal(client, webhook, {})).status).toBe(404)
  })

  it('brings a position to a size', async () => {
    const { webhook } = await newStrategy()
    await client.post('/web/settings', {})
    const held = async (): Promise<number> => {
      const { body } = await client.get('/web/positions')
      const found = body.positions.find((one: { symbol: string }) => one.symbol === share.symbol)
      return found?.quantity ?? 0
    }
    const before = await held()
    await signal(client, webhook, { position_size: before + 4 })
    await expect.poll(held, { timeout: 20_000 }).toBe(before + 4)
    const again = await signal(client, webhook, { position_size: before + 4 })
    expect(again.body.message).toBe('Positions Already Matched. No Action needed.')
  })
})

describe('a strategy that holds', () => {
  it('enters, holds over a kill and a new start, and exits once on the opposite signal', async () => {
    const ready = await readyApp()
    const { webhook, id } = await newStrategy({ stopLossPercent: 50 }, ready.client)
    expect((await signal(ready.client, webhook, {})).body.message).toContain('entering')
    await expect.poll(async () => (await runOf(ready.client, id)).phase, { timeout: 20_000 }).toBe('holding')
    const again = await restarted(ready)
    expect(await runOf(again, id)).toMatchObject({ phase: 'holding', quantity: 3 })
    // The lock of the instance that was killed runs out first.
    await expect
      .poll(async () => (await signal(again, webhook, { action: 'SELL' })).status, {
        timeout: 30_000,
        interval: 500,
      })
      .toBe(200)
    await expect.poll(async () => (await runOf(again, id)).phase, { timeout: 20_000 }).toBe('flat')
    const { body } = await again.get('/web/orders')
    const marked = body.orders.filter(({ strategy }: { strategy: string }) => strategy.startsWith('Mine#'))
    expect(marked.map(({ action, status }: { action: string; status: string }) => [action, status])).toEqual([
      ['SELL', 'complete'],
      ['BUY', 'complete'],
    ])
  })
})

describe('a workflow', () => {
  it('does its steps with what the webhook brings, and stops where a condition fails', async () => {
    const steps = [
      { kind: 'if-price', symbol: share.symbol, exchange: 'NSE', is: 'above', price: 0.05 },
      { kind: 'order', ...share, action: '{{action}}', quantity: '{{size}}' },
      { kind: 'if-price', symbol: share.symbol, exchange: 'NSE', is: 'below', price: 0.05 },
      { kind: 'close-positions' },
    ]
    const { body } = await client.post('/web/workflows', { name: 'Flow', steps })
    const done = await client.post(body.webhook, { action: 'buy', size: 2 })
    expect(done.body.steps).toMatchObject([
      { kind: 'if-price', status: 'done' },
      { kind: 'order', status: 'done', orderid: expect.any(String) },
      { kind: 'if-price', status: 'stopped' },
    ])
    const wrong = await client.post(body.webhook, { action: 'dance', size: 2 })
    expect(wrong.body.steps[1]).toMatchObject({
      kind: 'order',
      status: 'error',
      message: expect.stringContaining('action'),
    })
    expect((await client.post('/web/workflows', { name: 'None', steps: [] })).status).toBe(400)
  })
})
