/** One process of a stampede: `node stampede-process.ts URL CALLERS`. Says how often its loader ran, when told to go on. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'

const [, , url = '', callers = '1'] = process.argv

/** What a process of a stampede found. */
export interface StampedeReport {
  readonly loads: number
  /** The values that its callers got, each once. */
  readonly values: readonly string[]
  readonly failures: number
}

const caches = await createCaches({ backend: redis({ url, commandTimeout: '10s' }), l1: memory() })
const cache = caches.define<string>('stampede')
let loads = 0
const load = async (): Promise<string> => {
  loads++
  await sleep(300)
  return `of ${process.pid}`
}
process.once('message', () => void run())
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

async function run(): Promise<void> {
  const calls = Array.from({ length: Number(callers) }, () => cache.getOrLoad('cold', load))
  const settled = await Promise.allSettled(calls)
  const values = settled.flatMap((call) => (call.status === 'fulfilled' ? [String(call.value)] : []))
  const report = { loads, values: [...new Set(values)], failures: settled.length - values.length }
  process.send?.(report satisfies StampedeReport)
}
