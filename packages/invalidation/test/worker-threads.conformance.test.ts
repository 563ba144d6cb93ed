import { BroadcastChannel } from 'node:worker_threads'
import { testTransport } from '@cache/conformance/vitest'
import { sharedSequence, workerThreads } from '../src/worker-threads.ts'

let places = 0

function sayRaw(channel: string, text: string, prefix: string): void {
  const port = new BroadcastChannel(JSON.stringify([channel, prefix]))
  port.postMessage(text)
  port.postMessage({ not: ['text'] })
  port.close()
}

for (const shared of [undefined, sharedSequence()]) {
  testTransport({
    name: shared ? 'worker threads with a shared sequence' : 'worker threads',
    publishedBy: 'engine',
    create: async () => {
      const channel = `place ${places++}`
      return {
        transport: () => workerThreads({ channel, shared }),
        sayRaw: async (text, prefix) => sayRaw(channel, text, prefix),
        cleanup: async () => undefined,
      }
    },
  })
}
