import { Worker } from 'node:worker_threads'

import { afterEach, describe, expect, it } from 'vitest'

import { SymbolIndex } from '../src/index.ts'
import { provideToThreads } from '../src/threads.ts'
import { generationMaster } from './sharing/generation-master.ts'

const workers: Worker[] = []
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate()
})

/** A thread that follows and looks at the whole set all the time. */
const FOLLOWER = `
const { parentPort, workerData } = require('node:worker_threads')
Promise.all([import(workerData.index), import(workerData.threads)]).then(([{ SymbolIndex }, { followInThread }]) => {
  const index = new SymbolIndex()
  let faults = 0
  index.on('swap', () => parentPort.postMessage({ token: index.get('S0', 'NSE').token, buffer: index.current.buffer, faults }))
  followInThread(index, { channel: workerData.channel })
  parentPort.on('message', () => undefined)
  const look = () => {
    const seen = new Set(Array.from({ length: 20 }, (_, row) => index.get('S' + row, 'NSE')?.token.split('-')[0]))
    if (seen.size !== 1 || (seen.has(undefined) && index.size > 0)) faults++
    setImmediate(look)
  }
  look()
})`

interface Seen {
  readonly token: string
  readonly buffer: SharedArrayBuffer
  readonly faults: number
}

function follower(channel: string): (token: string) => Promise<Seen> {
  const index = new URL('../src/index.ts', import.meta.url).href
  const threads = new URL('../src/threads.ts', import.meta.url).href
  const worker = new Worker(FOLLOWER, { eval: true, workerData: { index, threads, channel } })
  workers.push(worker)
  const seen: Seen[] = []
  let wake = (): void => undefined
  worker.on('message', (message: Seen) => {
    seen.push(message)
    wake()
  })
  return async (token) => {
    for (;;) {
      const found = seen.find((one) => one.token === token)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

describe('threads of one process', () => {
  it('use one buffer, and all swap when the one that provides does', async () => {
    const index = new SymbolIndex()
    await index.import(generationMaster(1), { thread: 'inline' })
    const stop = provideToThreads(index, { channel: 'test-threads' })
    const followers = [follower('test-threads'), follower('test-threads')]
    for (const follow of followers) await follow('1-0')
    for (let generation = 2; generation <= 5; generation++) {
      await index.import(generationMaster(generation), { thread: 'inline' })
      for (const follow of followers) expect((await follow(`${generation}-0`)).faults).toBe(0)
    }
    const [{ buffer }] = [await followers[0]!('5-0')]
    // One memory: what is written through one view is read through the other.
    new Uint8Array(buffer)[buffer.byteLength - 1] = 7
    expect(new Uint8Array(index.current.buffer)[buffer.byteLength - 1]).toBe(7)
    stop()
  })
})
