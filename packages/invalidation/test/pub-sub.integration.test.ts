import { createCaches, type Cache, type Caches } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { TcpProxy, TestServer } from '@cache/tooling-servers'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcess } from '../src/index.ts'
import { pubSub } from '../src/pubsub/index.ts'
import { patience } from './support/patience.ts'

const server = await TestServer.start({ kind: 'redis' })
afterAll(() => server.stop())

let proxy: TcpProxy
const opened: Caches[] = []

beforeEach(async () => {
  proxy = await TcpProxy.start(server.port)
})

afterEach(async () => {
  proxy.behave({})
  await Promise.all(opened.splice(0).map((caches) => caches.close()))
  await proxy.stop()
  await server.command(['FLUSHALL'])
})

async function open(url: string): Promise<Caches> {
  const backend = redis({ url, commandTimeout: '2s' })
  const caches = await createCaches({
    backend,
    l1: memory(),
    transport: pubSub({ backend }),
    // Only messages and repairs are to be fast enough for the tests.
    within: '1h',
    resilience: { openFor: 50 },
  })
  opened.push(caches)
  return caches
}

/** A reader behind the proxy that holds `k` in its memory, and a writer that reaches the server directly. */
async function pair(): Promise<{
  reader: Cache<string>
  writer: Cache<string>
  readers: Caches
  writers: Caches
}> {
  const [readers, writers] = [await open(proxy.url), await open(server.url)]
  const [reader, writer] = [readers.define<string>('values'), writers.define<string>('values')]
  await expect
    .poll(async () => {
      await writer.set('hello', String(Math.random()))
      await new Promise((resolve) => setTimeout(resolve, 10))
      return reader.stats().messages > 0
    }, patience)
    .toBe(true)
  await writer.set('k', 'old', { tags: ['t'] })
  await expect
    .poll(async () => {
      await reader.get('k')
      return reader.peek('k')
    }, patience)
    .toBe('old')
  return { reader, writer, readers, writers }
}

describe('pub/sub of a server', { timeout: 60_000 }, () => {
  it.each(['delete', 'set', 'tags', 'clear'] as const)('tells other processes of a %s', async (what) => {
    const { reader, writer, writers } = await pair()
    if (what === 'delete') await writer.delete('k')
    else if (what === 'set') await writer.set('k', 'new')
    else if (what === 'tags') await writers.invalidateTags(['t'])
    else await writers.clear()
    await expect.poll(() => reader.peek('k'), patience).toBe(undefined)
    expect(await reader.get('k')).toBe(what === 'set' ? 'new' : undefined)
  })

  it('recovers what it missed while it was disconnected', async () => {
    const { reader, writer } = await pair()
    proxy.behave({ refuse: true })
    proxy.cut()
    await writer.delete('k')
    proxy.behave({})
    await expect.poll(() => reader.peek('k'), patience).toBe(undefined)
  })

  it('recovers what was lost on the way, with the next message that comes', async () => {
    const { reader, writer } = await pair()
    proxy.behave({ replies: { mode: 'drop' } })
    await writer.delete('k')
    await expect.poll(() => proxy.droppedBytes > 0, patience).toBe(true)
    proxy.behave({})
    expect(reader.peek('k')).toBe('old')
    await writer.set('other', 'v')
    await expect.poll(() => reader.peek('k'), patience).toBe(undefined)
  })

  it('serves nothing from before the server lost its data', async () => {
    const { reader, writer } = await pair()
    await server.restart('empty')
    await expect.poll(async () => writer.set('k2', 'v'), patience).toBe(true)
    await expect.poll(() => reader.peek('k'), patience).toBe(undefined)
  })

  it('a transport that others publish by serves a server as well', async () => {
    const openLocal = async (): Promise<Caches> => {
      const caches = await createCaches({
        backend: redis({ url: server.url }),
        l1: memory(),
        transport: inProcess({ channel: 'with redis' }),
        within: '1h',
      })
      opened.push(caches)
      return caches
    }
    const [first, second] = [await openLocal(), await openLocal()]
    const [here, there] = [first.define<string>('local'), second.define<string>('local')]
    await here.set('k', 'old')
    await there.get('k')
    await here.set('k', 'new')
    expect(await there.get('k')).toBe('new')
  })
})
