import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sharedSequence, workerThreads } from '../src/worker-threads.ts'
import type { ThreadData } from './children/thread.ts'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'threads-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** What a busy thread finds of a key that was deleted meanwhile: at once, and after its event loop ran. */
async function foundByBusyThread(shared: SharedArrayBuffer | undefined): Promise<unknown> {
  await using caches = await createCaches({
    backend: sqlite({ directory }),
    l1: memory(),
    transport: workerThreads({ shared }),
  })
  const values = caches.define<string>('values')
  await values.set('k', 'old')
  const done = new SharedArrayBuffer(4)
  const worker = new Worker(new URL('children/thread.ts', import.meta.url), {
    workerData: { directory, shared, done } satisfies ThreadData,
  })
  const [before] = (await once(worker, 'message')) as unknown[]
  expect(before).toBe('old')
  const found = once(worker, 'message')
  const ended = once(worker, 'exit')
  await values.delete('k')
  Atomics.store(new Int32Array(done), 0, 1)
  Atomics.notify(new Int32Array(done), 0)
  const [after] = (await found) as unknown[]
  await ended
  return after
}

it('a busy thread knows of a change of another before its event loop runs', async () => {
  expect(await foundByBusyThread(sharedSequence())).toEqual([undefined, undefined])
})

it('without a shared sequence it hears as soon as its event loop runs', async () => {
  expect(await foundByBusyThread(undefined)).toEqual(['old', undefined])
})

it.each([{ shared: new ArrayBuffer(4) }, { shared: new SharedArrayBuffer(2) }, { port: 1 }])(
  'refuses %o',
  (options) => {
    expect(() => workerThreads(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  },
)
