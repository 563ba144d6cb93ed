import { accessOrder } from '../random.ts'
import type { Metrics, Parameters } from '../row.ts'
import { computingMs, operationRates, samplePlan, type Batch } from '../timing.ts'

/** What a limiter is made with; in this process where there is no URL. */
export interface LimitAddress {
  readonly url: string | undefined
  readonly algorithm: string
  readonly limit: number
  readonly perMs: number
}

export interface LimitContender {
  /** May reject what is not admitted. */
  readonly consume: (key: string) => Promise<unknown>
  /** Takes a lock and lets go of it. */
  readonly lock?: (name: string) => Promise<unknown>
  /** How many commands it has sent; only where it can tell. */
  readonly commandsSent?: () => number
  readonly close: () => Promise<unknown>
}

export type OpenLimit = (address: LimitAddress) => LimitContender | Promise<LimitContender>

const keyCount = 1000
const orderLength = 2 ** 14
const inFlight = 64

/** Calls of `consume`, one after another and 64 at a time; in memory by processor time, on a server by the clock. */
export async function measure(open: OpenLimit, parameters: Parameters): Promise<Metrics> {
  const url = parameters['url'] === '' ? undefined : String(parameters['url'])
  const { algorithm, limit, perMs } = parameters
  const contender = await open({
    url,
    algorithm: String(algorithm),
    limit: Number(limit),
    perMs: Number(perMs),
  })
  const keys = Array.from({ length: keyCount }, (_, index) => `user:${index}`)
  const order = accessOrder(keys, 'uniform', orderLength)
  const nowMs = url === undefined ? computingMs : () => performance.now()
  const batchSize = url === undefined ? 2048 : 100
  const consume = (index: number): Promise<unknown> =>
    contender.consume(order[index % orderLength] ?? '').catch(() => undefined)
  const one = async (from: number): Promise<Batch> => {
    const startedMs = nowMs()
    for (let index = from; index < from + batchSize; index++) await consume(index)
    return { operations: batchSize, tookMs: nowMs() - startedMs }
  }
  const many = async (from: number): Promise<Batch> => {
    const each = 16
    const caller = async (start: number): Promise<void> => {
      for (let index = start; index < start + each; index++) await consume(index)
    }
    const startedMs = nowMs()
    await Promise.all(Array.from({ length: inFlight }, (_, number) => caller(from + number * each)))
    return { operations: inFlight * each, tookMs: nowMs() - startedMs }
  }
  const rates = await operationRates({ consume: one, consume64: many }, samplePlan(parameters['quick'] === 1))
  const commands = await commandsOf(contender)
  await contender.close()
  return { ...rates, ...commands }
}

async function commandsOf({ consume, lock, commandsSent }: LimitContender): Promise<Metrics> {
  if (!lock || !commandsSent) return {}
  await lock('warm')
  const times = 50
  const start = commandsSent()
  for (let index = 0; index < times; index++) await lock(`lock-${index}`)
  const locked = commandsSent()
  for (let index = 0; index < times; index++) await consume(`counted-${index}`)
  return { commandsPerLock: (locked - start) / times, commandsPerConsume: (commandsSent() - locked) / times }
}
