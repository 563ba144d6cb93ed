// One side of a tiered run, in a process of its own: `node tiered-process.ts TASK-AS-JSON`, told when to go on.
import { setTimeout as sleep } from 'node:timers/promises'
import { accessOrder } from '../random.ts'
import {
  entries,
  keyOf,
  valueOf,
  type OpenTiered,
  type Place,
  type TieredContender,
  type TieredCounts,
} from './contender.ts'

export interface TieredTask {
  readonly role: 'reader' | 'writer'
  /** A file in `contenders/tiered`. */
  readonly contender: string
  readonly place: Place
  readonly perSecond: number
  readonly seconds: number
}

/** Three numbers for each call: the key, the version, and when the read began or the write was acknowledged. */
export interface TieredLog {
  readonly log: Float64Array
  /** Of this time alone, where the contender counts. */
  readonly counts: TieredCounts | undefined
  readonly calls: number
}

const tickMs = 1
/** A miss is not stale: no write has a higher number. */
const nothing = Number.POSITIVE_INFINITY
const indexes = Array.from({ length: entries }, (_, index) => index)

console.log = console.error
const task = JSON.parse(process.argv[2] ?? '{}') as TieredTask
const { open } = (await import(`../contenders/tiered/${task.contender}.ts`)) as { readonly open: OpenTiered }
const contender = await open(task.place)
if (task.role === 'writer') for (const index of indexes) await contender.set(keyOf(index), valueOf(0))
await told()
// What was written before is in memory now; twice, as the first time may be under way still.
for (let round = 0; round < 2 && task.role === 'reader'; round++)
  for (const index of indexes) await contender.get(keyOf(index))
await told()
process.send?.(await run(contender))

async function told(): Promise<void> {
  const next = new Promise((resolve) => process.once('message', resolve))
  process.send?.('ready')
  await next
}

/** At an even rate, whatever the calls take: those that are due go out together. */
async function run(subject: TieredContender): Promise<TieredLog> {
  const total = task.perSecond * task.seconds
  const order = accessOrder(indexes, 'zipf', total)
  if (task.role === 'writer') order.reverse()
  const log = new Float64Array(3 * total)
  const before = subject.counts?.()
  const startMs = nowMs()
  let calls = 0
  const underWay = new Set<Promise<void>>()
  while (calls < total) {
    const due = Math.min(total, Math.floor(((nowMs() - startMs) / 1000) * task.perSecond))
    for (; calls < due; calls++) {
      const call = one(subject, order[calls] ?? 0, calls, log)
      underWay.add(call)
      void call.finally(() => underWay.delete(call))
    }
    await sleep(tickMs)
  }
  await Promise.allSettled(underWay)
  const after = subject.counts?.()
  const counts = before && after && { past: after.past - before.past, syncs: after.syncs - before.syncs }
  return { log, counts, calls }
}

async function one(subject: TieredContender, index: number, call: number, log: Float64Array): Promise<void> {
  const beginMs = nowMs()
  if (task.role === 'writer') {
    await subject.set(keyOf(index), valueOf(call + 1))
    log.set([index, call + 1, nowMs()], 3 * call)
    return
  }
  const value = (await subject.get(keyOf(index))) as { readonly version: number } | undefined
  log.set([index, value?.version ?? nothing, beginMs], 3 * call)
}

/** The machine's monotonic clock, the same in all processes. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
