import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Cluster } from '../cluster/cluster.ts'
import { Client, credentials } from './support/client.ts'
import { asked, Load } from './support/load.ts'
import { PlacedOrders } from './support/placed-orders.ts'
import { smallMaster } from './support/small-master.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { TokenLoad } from './support/token-load.ts'

/** The longest that an instance may serve what another has ended. */
const boundMs = 1000

/** As nginx would say that it comes from elsewhere. */
const guesser = { 'x-forwarded-for': '203.0.113.9' }

let cluster: Cluster
let client: Client
let symbol = ''
let lotSize = 0

beforeAll(async () => {
  const directory = await temporaryDirectory()
  const instrumentsFile = await smallMaster(directory)
  cluster = await Cluster.start({ directory: join(directory, 'cluster'), instrumentsFile })
  client = new Client(cluster.address)
  await client.setUp()
  await client.connect()
  await client.download()
  for (const each of direct(client)) await each.until('/web/master', ({ phase }) => phase === 'ready')
  const { body } = await client.get('/web/symbols?q=FUT&exchange=NFO')
  ;({ symbol, lotSize } = body.results[0])
}, 120_000)

afterAll(() => cluster.stop(), 60_000)

/** The same browser at each instance, past nginx. */
function direct(from: Client): Client[] {
  return cluster.instances.map(({ address }) => new Client(address, from))
}

describe('three instances behind nginx', () => {
  it('have one set of instruments, one session and one account', async () => {
    for (const each of direct(client)) {
      expect((await each.get('/web/session')).body).toMatchObject({ signedIn: true })
      expect((await each.get(`/web/quotes?symbols=NFO:${symbol}`)).body).toMatchObject([{ symbol }])
      expect((await each.get('/web/broker')).body.connection).toMatchObject({ account: 'SIM001' })
    }
    const counts = direct(client).map(async (each) => (await each.get('/web/master')).body.instruments)
    expect(new Set(await Promise.all(counts)).size).toBe(1)
  })

  it('take over a change of settings from each other within the bound', async () => {
    const [one, ...others] = direct(client)
    for (const each of others) await each.get('/web/session')
    await one?.post('/web/settings', { theme: 'dark' })
    await wait(boundMs)
    for (const each of others)
      expect((await each.get('/web/session')).body).toMatchObject({ settings: { theme: 'dark' } })
  })

  it.each([0, 1, 2])(
    'serve nobody past the bound after a sign-out at number %i, under load',
    async (where) => {
      const leaving = new Client(cluster.address)
      await leaving.signIn()
      const load = new TokenLoad(direct(leaving))
      await load.seen(200, 5)
      const signedOut = await direct(leaving)[where]?.post('/web/sign-out')
      const endedAtMs = performance.now()
      expect(signedOut?.status).toBe(200)
      await wait(boundMs)
      await load.seen(401, 5)
      const requests = await load.stop()
      expect(requests.filter(({ status }) => status !== 200 && status !== 401)).toEqual([])
      const servedLate = requests.filter(({ instance, sentAtMs, status }) => {
        const heldToMs = endedAtMs + (instance === where ? 0 : boundMs)
        return status === 200 && sentAtMs > heldToMs
      })
      expect(servedLate).toEqual([])
    },
  )

  it('count failed sign-ins together', async () => {
    const wrong = { ...credentials, password: 'not this one' }
    const guesses = direct(new Client(cluster.address)).flatMap((each) =>
      Array.from({ length: 4 }, () => each.raw('/web/sign-in', JSON.stringify(wrong), guesser)),
    )
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(7)
  })

  it('let a signal reach a strategy at any of them, and keep its position when the one that runs it dies', async () => {
    const { webhook, phase, actions } = await holding('Held')
    const [first, second] = direct(client)
    expect((await first?.post(webhook, { symbol, action: 'BUY' }))?.status).toBe(200)
    await expect.poll(phase, { timeout: 30_000 }).toBe('holding')
    // It is run by the first; what reaches the second is done there.
    expect((await second?.post(webhook, { symbol, action: 'BUY' }))?.body.message).toContain('held already')
    await cluster.instances[1]?.stop('SIGKILL')
    expect(await phase()).toBe('holding')
    const ended = await first?.post(webhook, { symbol, action: 'SELL' })
    expect(ended).toMatchObject({ status: 200, body: { message: expect.stringContaining('exiting') } })
    await expect.poll(phase, { timeout: 30_000 }).toBe('flat')
    await cluster.instances[1]?.start()
    expect(await actions()).toEqual(['BUY', 'SELL'])
  })

  it('have a strategy go on when Valkey has lost everything, its count of fences too', async () => {
    const { webhook, phase, actions } = await holding('Fenced')
    expect((await client.post(webhook, { symbol, action: 'BUY' })).status).toBe(200)
    await expect.poll(phase).toBe('holding')
    await cluster.valkey.restart('empty')
    // Its exit is written only with a fence that is not below that of the entry.
    const exited = async (): Promise<number> =>
      (await client.post(webhook, { symbol, action: 'SELL' })).status
    await expect.poll(exited, { interval: 500 }).toBe(200)
    await expect.poll(phase).toBe('flat')
    expect(await actions()).toEqual(['BUY', 'SELL'])
  })

  it('lose and double no order, and answer, while instances and Valkey fail', async () => {
    const placed = await newOrders()
    const loads = [readers(), orderers(placed, 1)]
    await disturb(cluster)
    const results = await Promise.all(loads.map((load) => load.stop()))
    const requests = results.reduce((sum, result) => sum + result.requests, 0)
    const failures = results.flatMap((result) => result.failures)
    expect(requests).toBeGreaterThan(1000)
    // One in a thousand at most; beyond it the failures show.
    if (failures.length > requests / 1000) expect(failures).toEqual([])
    expect(placed.acknowledged.size).toBeGreaterThan(20)
    expect(await placed.faults()).toEqual([])
  })

  it('fail no request while they restart one after the other', async () => {
    const placed = await newOrders()
    const loads = [readers(), orderers(placed, 2)]
    await wait(500)
    for (const instance of cluster.instances) {
      await instance.stop()
      await instance.start()
    }
    await wait(500)
    const results = await Promise.all(loads.map((load) => load.stop()))
    expect(results.flatMap(({ failures }) => failures)).toEqual([])
    expect(placed.acknowledged.size).toBeGreaterThan(20)
    expect(await placed.faults()).toEqual([])
  })
})

/** A new strategy that holds what it buys. */
async function holding(name: string) {
  const line = { symbol, exchange: 'NFO', product: 'NRML', quantity: lotSize }
  const wished = { name, symbols: [line], rules: { stopLossPercent: 90 } }
  const { webhook, id } = (await client.post('/web/strategies', wished)).body
  return {
    webhook: String(webhook),
    phase: async (): Promise<string> => {
      const { strategies } = (await client.get('/web/strategies')).body
      return strategies.find((one: { id: number }) => one.id === id).run.phase
    },
    /** Of the orders that it placed. */
    actions: async (): Promise<string[]> => {
      const { orders } = (await client.get('/web/orders')).body
      const own = orders.filter(({ strategy }: { strategy: string }) => strategy.startsWith(`${name}#`))
      return own.map(({ action }: { action: string }) => action).toSorted()
    },
  }
}

async function newOrders(): Promise<PlacedOrders> {
  return new PlacedOrders(client, await client.makeApiKey(), {
    symbol,
    exchange: 'NFO',
    product: 'NRML',
    quantity: lotSize,
  })
}

function readers(): Load {
  return new Load(6, (caller) =>
    caller % 2 === 0
      ? asked(client, '/web/session', ({ signedIn }: { signedIn: boolean }) => signedIn)
      : asked(client, `/web/quotes?symbols=NFO:${symbol}`, (quotes: unknown[]) => quotes.length === 1),
  )
}

/** Within the limit of ten orders a second. */
function orderers(placed: PlacedOrders, callers: number): Load {
  return new Load(callers, async () => {
    const [fault] = await Promise.all([placed.place(), wait(200 * callers)])
    return fault
  })
}

/** One fault after another, each with the time to recover from it. */
async function disturb({ instances, valkey }: Cluster): Promise<void> {
  const [, second] = instances
  await wait(500)
  await second?.stop('SIGKILL')
  await wait(500)
  await second?.start()
  valkey.pause()
  await wait(2000)
  valkey.resume()
  await wait(1000)
  await valkey.restart()
  await wait(1000)
  const next = join(import.meta.dirname, 'support/next-version.ts')
  for (const instance of instances) {
    await instance.stop()
    await instance.start(next)
  }
  await wait(500)
}
