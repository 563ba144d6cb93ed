import { createCaches } from '@cache/core'
import { sqlite } from '../../src/index.ts'
import { heard, say } from './child-store.ts'

/** Asks for one cold key many times at once when told to, and says how often its own loader ran. */
const [directory = '', callers = '1', loadMs = '50', leaseMs = '3000'] = process.argv.slice(2)
await using caches = await createCaches({ backend: sqlite({ directory, lockTimeout: '30s' }) })
const cache = caches.define<string>('values', { loading: { leaseTime: Number(leaseMs), hardTimeout: '2m' } })
let loads = 0

async function load(): Promise<string> {
  loads++
  say('loading')
  await new Promise((resolve) => setTimeout(resolve, Number(loadMs)))
  return 'value'
}

await cache.size()
say('ready')
await heard()
const values = await Promise.all(Array.from({ length: Number(callers) }, () => cache.getOrLoad('cold', load)))
const right = values.filter((value) => value === 'value').length
say(JSON.stringify({ loads, right }))
await caches.close()
process.exit(0)
