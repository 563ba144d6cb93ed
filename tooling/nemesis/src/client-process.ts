/** One client process: `node client-process.ts PLAN`. Ends with its parent. */
import { seededRandom } from '@cache/conformance'
import { createCaches } from '@cache/core'
import { pubSub } from '@cache/invalidation/pubsub'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { valkey } from '@cache/valkey'
import { NaiveCache } from './naive-cache.ts'
import { commandTimeoutMs, withinMs, type ClientPlan } from './plan.ts'
import { Truth } from './truth.ts'
import { Workload } from './workload.ts'

const reportEveryMs = 100

const plan = JSON.parse(process.argv[2] ?? '{}') as ClientPlan
const open = plan.kind === 'redis' ? redis : valkey
const backend = open({ url: plan.url, commandTimeout: commandTimeoutMs, startWithoutServer: true })

// What goes wrong is what this is about.
process.on('warning', () => undefined)
process.on('disconnect', () => process.exit(0))

const caches = await createCaches({
  backend,
  l1: memory(),
  ...(plan.hears ? { transport: pubSub({ backend }) } : {}),
  within: withinMs,
  resilience: { commandTimeout: commandTimeoutMs, openFor: 200 },
})
const cache = caches.define<number>('values', {
  ttl: '30s',
  loading: { hardTimeout: '10s', leaseTime: '3s' },
})
const dice = seededRandom(plan.seed)
const workload = new Workload({
  plan,
  caches,
  cache,
  naive: new NaiveCache(plan.url),
  truth: new Truth(plan.truthUrl),
  random: () => dice.below(2 ** 30) / 2 ** 30,
})
setInterval(() => process.send?.(workload.report()), reportEveryMs)
await workload.run()
