import { join } from 'node:path'

import { afterAll, beforeAll, expect, it, vi } from 'vitest'

import { Cluster } from '../cluster/cluster.ts'
import { Client } from './support/client.ts'
import { MovedTime } from './support/moved-time.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

const names = Array.from({ length: 6 }, (_, index) => `Held-${index}`)
const quantity = 2

interface Made {
  readonly name: string
  readonly webhook: string
}

interface BookedOrder {
  readonly strategy: string
  readonly action: string
  readonly status: string
  readonly placedAtMs: number
}

let time: MovedTime
let cluster: Cluster
let client: Client
let symbol = ''
const made: Made[] = []

beforeAll(async () => {
  const directory = await temporaryDirectory()
  time = new MovedTime(directory)
  time.moveTo(0, '14:00')
  // The broker takes its environment from here.
  for (const [name, value] of Object.entries(time.environment)) vi.stubEnv(name, value)
  cluster = await Cluster.start({
    directory: join(directory, 'cluster'),
    instrumentsFile: await smallMaster(directory),
    settings: time.environment,
  })
  vi.unstubAllEnvs()
  client = new Client(cluster.address)
  await client.setUp()
  await client.connect()
  await client.download()
  await everywhereReady()
  const { body } = await client.get('/web/symbols?q=RELIANCE&exchange=NSE')
  symbol = body.results.find(
    ({ instrumentType }: { instrumentType: string }) => instrumentType === 'EQ',
  ).symbol
  const line = { symbol, exchange: 'NSE', product: 'CNC', quantity }
  const rules = { exitAt: '15:15', exitAfterDays: 2 }
  for (const name of names) {
    const { webhook } = (await client.post('/web/strategies', { name, symbols: [line], rules })).body
    made.push({ name, webhook })
  }
}, 120_000)

afterAll(() => cluster.stop(), 60_000)

/** The instruments have come to each instance. */
async function everywhereReady(): Promise<void> {
  for (const { address } of cluster.instances)
    await new Client(address, client).until('/web/master', ({ phase }) => phase === 'ready')
}

function signal(from: Client, { webhook }: Made, action = 'BUY') {
  return from.post(webhook, { symbol, action })
}

async function phases(): Promise<string[]> {
  const { strategies } = (await client.get('/web/strategies')).body
  return strategies.map(({ run }: { run: { phase: string } }) => run.phase)
}

async function allIn(phase: string): Promise<void> {
  await expect.poll(phases).toEqual(names.map(() => phase))
}

async function ordersOf(name: string): Promise<BookedOrder[]> {
  const { orders } = (await client.get('/web/orders')).body
  return orders.filter(({ strategy }: BookedOrder) => strategy.startsWith(`${name}#`))
}

it('strategies hold over a restart, over 03:00 and over the loss of an instance, and exit once', async () => {
  for (const each of made) expect((await signal(client, each)).status).toBe(200)
  await allIn('holding')

  // The time of day of the exit, two days early; and nobody is there to look after them for a while.
  time.moveTo(0, '15:16')
  await Promise.all(cluster.instances.map((instance) => instance.stop('SIGKILL')))
  await Promise.all(cluster.instances.map((instance) => instance.start()))
  expect((await client.get('/web/session')).body.signedIn).toBe(true)
  expect((await client.get('/web/orders')).status).toBe(200)

  // The sessions end, and the broker's tokens.
  time.moveTo(1, '03:01')
  expect((await client.get('/web/session')).body.signedIn).toBe(false)
  await client.signIn()
  expect((await client.get('/web/orders')).body.code).toBe('BROKER_NOT_CONNECTED')
  expect(await phases()).toEqual(names.map(() => 'holding'))

  // Due, and once more over 03:00. Without the broker nothing can be done, and nothing is given up.
  time.moveTo(2, '15:16')
  await client.signIn()
  const [, second] = cluster.instances
  const atSecond = new Client(second?.address ?? '')
  for (const each of made) {
    // Told to try again while another is busy with it, as on a slow machine, the caller does.
    const told = async (): Promise<string> => (await signal(atSecond, each)).body.message
    await expect.poll(told, { interval: 500 }).toBe(`${symbol}: held already`)
  }

  // The second runs all of them now, and is lost once the first of them goes out.
  await client.connect()
  await expect.poll(phases, { interval: 5 }).not.toEqual(names.map(() => 'holding'))
  await second?.stop('SIGKILL')
  await allIn('flat')
  await second?.start()
  for (const { name } of made) {
    const orders = await ordersOf(name)
    expect(orders.map(({ action, status }) => `${action} ${status}`)).toEqual([
      'SELL complete',
      'BUY complete',
    ])
    expect(orders[0]?.placedAtMs).toBeGreaterThanOrEqual(time.at(2, '15:15'))
  }
  const { positions } = (await client.get('/web/positions')).body
  const held = positions.find((one: { symbol: string }) => one.symbol === symbol)
  expect(held?.quantity ?? 0).toBe(0)
}, 180_000)
