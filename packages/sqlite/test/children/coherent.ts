import { createCaches, isCacheError } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '../../src/index.ts'
import { heard, say } from './child-store.ts'
import { SharedTruth } from './shared-truth.ts'

/**
 * One application process over the whole engine: reads, loads and writes at random until it is told to stop or is killed,
 * and holds each read against what had been acknowledged before it began.
 */
const [directory = '', truthPath = '', within = '0'] = process.argv.slice(2)
const withinMs = Number(within)
const keys = 8
const truth = new SharedTruth(truthPath, keys)
const caches = await createCaches({ backend: sqlite({ directory, lockTimeout: '30s' }), l1: memory() })
const cache = caches.define<number>('values', {
  ttl: '1h',
  l1: { within: withinMs },
  loading: { leaseTime: 300, hardTimeout: '30s' },
})

let reads = 0
const order = { stop: false }
void heard().then(() => (order.stop = true))

async function read(key: number): Promise<void> {
  const floor = truth.acknowledgedBefore(key, withinMs)
  const version = await (Math.random() < 0.5
    ? cache.get(`k${key}`)
    : cache.getOrLoad(`k${key}`, () => truth.version(key), { tags: [`t${key % 2}`] }))
  reads++
  if (version !== undefined && version < floor) say(`stale: k${key} is ${version}, ${floor} was acknowledged`)
}

/** The truth changes first, then the cache is told; only what it acknowledged is held against readers. */
async function write(key: number): Promise<void> {
  const how = Math.random()
  const touched = how < 0.6 ? [key] : Array.from({ length: keys }, (_, index) => index).filter(hit(key, how))
  const versions = touched.map((each) => truth.bump(each))
  if (how < 0.6) await cache.delete(`k${key}`)
  else if (how < 0.8) await caches.invalidateTags([`t${key % 2}`])
  else if (how < 0.9) await cache.deleteMatching('k*')
  else await cache.clear()
  for (const [index, each] of touched.entries()) truth.acknowledge(each, versions[index] ?? 0)
}

function hit(key: number, how: number): (other: number) => boolean {
  return (other) => how >= 0.8 || other % 2 === key % 2
}

say('ready')
while (!order.stop) {
  const key = Math.floor(Math.random() * keys)
  try {
    await (Math.random() < 0.1 ? write(key) : read(key))
  } catch (error) {
    if (!isCacheError(error)) throw error
    say(`failed: ${error.code} ${error.message}`)
  }
  if (reads % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
}
say(`reads: ${reads}`)
await caches.close()
process.exit(0)
