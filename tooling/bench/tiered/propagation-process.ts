// One side of a propagation run: `node propagation-process.ts TASK-AS-JSON`.
import { setTimeout as sleep } from 'node:timers/promises'
import { createCaches, type InvalidationTransport } from '@cache/core'
import { pubSub } from '@cache/invalidation/pubsub'
import { zeromq } from '@cache/invalidation/zeromq'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { sqlite } from '@cache/sqlite'
import { valkey } from '@cache/valkey'
import type { Place } from './contender.ts'

export interface PropagationTask {
  readonly role: 'reader' | 'writer'
  readonly carrier: 'redis' | 'valkey' | 'zeromq'
  readonly place: Place
  readonly changes: number
}

/** Before the first change that counts, for the sides to hear each other. */
const settleMs = 1000
const pauseMs = 4

const { role, carrier, place, changes } = JSON.parse(process.argv[2] ?? '{}') as PropagationTask
/** When each change was begun, or had left the memory of this process. */
const times = new Float64Array(changes)

const { backend, transport } = parts()
const caches = await createCaches({
  backend,
  l1: memory(),
  transport: role === 'reader' ? timed(transport) : transport,
})
const cache = caches.define<number>('values')
await cache.set('warm', 1)
process.send?.('ready')
process.on('message', () => void (role === 'writer' ? write() : finish()))

async function write(): Promise<void> {
  await sleep(settleMs)
  for (let change = 0; change < changes; change++) {
    times[change] = nowMs()
    await cache.delete(`k${change}`)
    await sleep(pauseMs)
  }
  await sleep(settleMs)
  finish()
}

function finish(): void {
  process.send?.(times)
}

/** The invalidation is applied when the listener returns. */
function timed(inner: InvalidationTransport): InvalidationTransport {
  return {
    name: inner.name,
    publishedBy: inner.publishedBy,
    follow: (name) => inner.follow?.(name),
    publish: (message) => inner.publish(message),
    close: () => inner.close(),
    start: (listener, context) =>
      inner.start(
        {
          onConnect: () => listener.onConnect(),
          onMessage: (message) => {
            listener.onMessage(message)
            const { invalidation } = message
            const key = invalidation.kind === 'keys' ? invalidation.keys[0] : undefined
            if (key?.startsWith('k')) times[Number(key.slice(1))] = nowMs()
          },
        },
        context,
      ),
  }
}

function parts(): {
  readonly backend: Parameters<typeof createCaches>[0]['backend']
  readonly transport: InvalidationTransport
} {
  if (carrier === 'zeromq') {
    const { directory } = place
    return { backend: sqlite({ directory }), transport: zeromq({ directory: `${directory}/bus` }) }
  }
  const server = carrier === 'redis' ? redis({ url: place.redisUrl }) : valkey({ url: place.redisUrl })
  return { backend: server, transport: pubSub({ backend: server }) }
}

/** The machine's monotonic clock, the same in all processes. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
