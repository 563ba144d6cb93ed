import { describe, expect, it } from 'vitest'
import {
  forwardingBackend,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { CacheError, onCacheEvent, type Caches, type CacheEvents } from '../../src/index.ts'
import { openCaches, settle } from '../support/open-caches.ts'
import { TestTransport } from '../support/test-transport.ts'

async function publishing(
  transport = new TestTransport(),
): Promise<{ caches: Caches; transport: TestTransport; clock: ManualClock }> {
  const clock = new ManualClock()
  const caches = await openCaches({ backend: referenceBackend(), transport, environment: { clock } })
  return { caches, transport, clock }
}

function refuse(): Promise<void> {
  return Promise.reject(new CacheError('TRANSPORT_FAILED', 'refused'))
}

describe('the engine publishes', () => {
  it('each change with its own sequence, and neighbours of a batch together', async () => {
    const { caches, transport } = await publishing()
    const cache = caches.define<number>('values')
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await cache.delete('a')
    await cache.invalidateTags(['t', 'u'])
    await cache.clear()
    const { sequence: second = 0 } = transport.published[0]?.invalidation ?? {}
    expect(transport.published.map(({ invalidation }) => invalidation)).toEqual([
      { kind: 'keys', keys: ['a', 'b'], first: second - 1, sequence: second },
      { kind: 'keys', keys: ['a'], sequence: second + 1 },
      { kind: 'tags', tags: ['t', 'u'], sequence: second + 2 },
      { kind: 'clear', sequence: second + 3 },
    ])
    expect(new Set(transport.published.map(({ cache: name }) => name))).toEqual(new Set(['values']))
  })

  it('nothing of a change that did not apply', async () => {
    const { caches, transport } = await publishing()
    const cache = caches.define<number>('values')
    await cache.set('k', 1)
    transport.published.length = 0
    expect(await cache.add('k', 2)).toBe(false)
    expect(transport.published).toEqual([])
  })

  it('changes of caches that only others have defined', async () => {
    const storage = referenceStorage()
    await (await openCaches({ backend: referenceBackend({ storage }) })).define('theirs').set('k', 1)
    const transport = new TestTransport()
    const caches = await openCaches({ backend: referenceBackend({ storage }), transport })
    await caches.clear()
    expect(transport.published).toMatchObject([{ cache: 'theirs', invalidation: { kind: 'clear' } }])
  })

  it('nothing where the store publishes itself', async () => {
    const transport = new TestTransport('backend')
    const backend = forwardingBackend(referenceBackend(), (store) => store)
    const capabilities = { ...backend.capabilities, publishes: true }
    const caches = await openCaches({ backend: { ...backend, capabilities }, transport })
    await caches.define('values').set('k', 1)
    expect(transport.published).toEqual([])
  })

  it('nothing of a memory backend, which no other process sees', async () => {
    const transport = new TestTransport()
    const caches = await openCaches({ backend: memory(), transport })
    await caches.define('values').set('k', 1)
    expect(transport.published).toEqual([])
  })
})

describe('a transport that fails', () => {
  it('fails no change; it is counted and reported', async () => {
    const { caches, transport } = await publishing()
    const failures: CacheEvents['cache:failure'][] = []
    const stop = onCacheEvent('cache:failure', (event) => void failures.push(event))
    transport.onPublish = refuse
    const cache = caches.define<number>('values')
    expect(await cache.set('k', 1)).toBe(true)
    await settle()
    stop()
    expect(cache.stats()).toMatchObject({ publishFailures: 1, errors: 0 })
    expect(failures).toMatchObject([{ operation: 'publish', code: 'TRANSPORT_FAILED', cache: 'values' }])
  })

  it('is left alone by its breaker, and tried by one probe later', async () => {
    const { caches, transport, clock } = await publishing()
    transport.onPublish = refuse
    const cache = caches.define<number>('values')
    for (let index = 0; index < 20; index++) {
      await cache.set('k', index)
      await settle()
    }
    expect(transport.published.length).toBe(5)
    expect(cache.stats().publishFailures).toBe(20)
    clock.advance(1001)
    transport.onPublish = async () => undefined
    await cache.set('k', 1)
    await settle()
    await cache.set('k', 2)
    expect(transport.published.length).toBe(7)
  })

  it('is not waited for, and what waits in it is bounded', async () => {
    const { caches, transport } = await publishing()
    transport.onPublish = () => new Promise(() => undefined)
    const cache = caches.define<number>('values')
    for (let index = 0; index < 2000; index++) await cache.delete('k')
    expect(transport.published.length).toBe(1024)
    expect(cache.stats().publishFailures).toBe(2000 - 1024)
  })

  it('of a kind that the backend cannot serve is refused at once', async () => {
    await expect(openCaches({ transport: new TestTransport('backend') })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('transport'),
    })
  })
})

describe('what a transport brings', () => {
  it('is told with the names of what became unreadable, for as long as somebody listens', async () => {
    const transport = new TestTransport()
    const caches = await openCaches({ backend: referenceBackend(), transport, l1: memory() })
    const cache = caches.define<number>('values')
    await cache.set('k', 1)
    const [{ epoch } = { epoch: '' }] = transport.published
    const arrived: CacheEvents['cache:arrival'][] = []
    const stop = onCacheEvent('cache:arrival', (event) => arrived.push(event))
    const message = { cache: 'values', epoch }
    transport.deliver(
      { ...message, invalidation: { kind: 'keys', keys: ['k'], sequence: 8 } },
      { ...message, invalidation: { kind: 'tags', tags: ['t'], sequence: 9 } },
      { ...message, invalidation: { kind: 'clear', sequence: 10 } },
    )
    stop()
    transport.deliver({ ...message, invalidation: { kind: 'clear', sequence: 11 } })
    const { prefix } = caches
    expect(arrived).toEqual([
      { prefix, cache: 'values', kind: 'keys', names: ['k'] },
      { prefix, cache: 'values', kind: 'tags', names: ['t'] },
      { prefix, cache: 'values', kind: 'clear', names: [] },
    ])
    expect(cache.stats().messages).toBe(4)
  })
})
