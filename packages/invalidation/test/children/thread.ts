/** A thread that keeps its event loop busy until it is told, and says what it then finds in its memory. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { workerThreads } from '../../src/worker-threads.ts'

/** What a thread is given. */
export interface ThreadData {
  readonly directory: string
  readonly shared: SharedArrayBuffer | undefined
  /** Above 0 once the other thread is done. */
  readonly done: SharedArrayBuffer
}

const { directory, shared, done } = workerData as ThreadData
const port = parentPort as MessagePort
const tell = port.postMessage.bind(port)
const caches = await createCaches({
  backend: sqlite({ directory }),
  l1: memory(),
  transport: workerThreads({ shared }),
  within: '1h',
})
const values = caches.define<string>('values')
await values.get('k')
tell(values.peek('k'))
await new Promise<void>((resolve) => void setImmediate(resolve))
Atomics.wait(new Int32Array(done), 0, 0)
const atOnce = values.peek('k')
await new Promise<void>((resolve) => void setTimeout(resolve, 50))
tell([atOnce, values.peek('k')])
await caches.close()
