import { describe, expect, it, onTestFinished } from 'vitest'
import {
  asCaller,
  cacheOperations,
  currentCaller,
  onCacheEvent,
  type AccessRule,
  type Cache,
  type CacheOperation,
  type DeniedEvent,
} from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

const denied = { code: 'ACCESS_DENIED' }

/** Every method of a cache, by the operation that it needs. */
const calls: readonly (readonly [CacheOperation, string, (cache: Cache<number>) => unknown])[] = [
  ['get', 'get', (cache) => cache.get('k')],
  ['get', 'getMany', (cache) => cache.getMany(['k', 'l'])],
  ['get', 'getWithMeta', (cache) => cache.getWithMeta('k')],
  ['get', 'has', (cache) => cache.has('k')],
  ['get', 'ttl', (cache) => cache.ttl('k')],
  ['get', 'isCurrent', (cache) => cache.isCurrent('k', 'r')],
  ['get', 'peek', async (cache) => cache.peek('k')],
  ['load', 'getOrLoad', (cache) => cache.getOrLoad('k', () => 1)],
  ['set', 'set', (cache) => cache.set('k', 1)],
  ['set', 'setMany', (cache) => cache.setMany([['k', 1]])],
  ['set', 'add', (cache) => cache.add('k', 1)],
  ['set', 'compareAndSet', (cache) => cache.compareAndSet('k', 'r', 1)],
  ['update', 'update', (cache) => cache.update('k', () => 1)],
  ['update', 'increment', (cache) => cache.increment('n')],
  ['update', 'append', (cache) => (cache as unknown as Cache<number[]>).append('list', [1])],
  ['delete', 'delete', (cache) => cache.delete('k')],
  ['delete', 'deleteMany', (cache) => cache.deleteMany(['k'])],
  ['delete', 'deleteMatching', (cache) => cache.deleteMatching('k*')],
  ['delete', 'deleteIf', (cache) => cache.deleteIf('k', 'r')],
  ['expire', 'expire', (cache) => cache.expire('k')],
  ['expire', 'expireIf', (cache) => cache.expireIf('k', 'r')],
  ['invalidate', 'invalidateTags', (cache) => cache.invalidateTags(['t'])],
  ['clear', 'clear', (cache) => cache.clear()],
  ['inspect', 'keys', (cache) => Array.fromAsync(cache.keys())],
  ['inspect', 'keysWithTag', (cache) => Array.fromAsync(cache.keysWithTag('t'))],
  ['inspect', 'countWithTags', (cache) => cache.countWithTags(['t'])],
  ['inspect', 'size', (cache) => cache.size()],
  ['inspect', 'resetStats', async (cache) => cache.resetStats()],
]

const operations = Object.keys(cacheOperations) as CacheOperation[]

function deniedEvents(): DeniedEvent[] {
  const events: DeniedEvent[] = []
  onTestFinished(onCacheEvent('cache:denied', (event) => events.push(event)))
  return events
}

describe('a handle', () => {
  it.each(calls)('needs %s for %s', async (operation, _name, call) => {
    const caches = await openCaches()
    const cache = caches.define<number>('settings')
    const others = operations.filter((other) => other !== operation)
    const events = deniedEvents()
    await expect(call(caches.open('settings', { as: 'orders', allow: others }))).rejects.toMatchObject(denied)
    expect(cache.stats().denied).toBe(1)
    expect(events).toEqual([{ prefix: 'cache', cache: 'settings', operation, caller: 'orders' }])
    await expect(call(caches.open('settings', { as: 'orders', allow: [operation] }))).resolves.not.toThrow()
    expect(events).toHaveLength(1)
  })

  it('does nothing of what it denies, and gives out nothing', async () => {
    const caches = await openCaches()
    const cache = caches.define<number>('settings')
    await cache.set('k', 1)
    const handle = caches.open<number>('settings', { as: 'orders', allow: ['get'] })
    await expect(handle.set('k', 2)).rejects.toMatchObject(denied)
    await expect(handle.clear()).rejects.toMatchObject(denied)
    await expect(handle.getOrLoad('k', () => 3)).rejects.toMatchObject(denied)
    expect(await handle.get('k')).toBe(1)
    expect(handle.peek('k')).toBe(1)
    const blind = caches.open<number>('settings', { allow: [] })
    await expect(blind.get('k')).rejects.toMatchObject(denied)
    expect(() => blind.peek('k')).toThrow('may not get')
  })

  it('names itself to what its loaders call', async () => {
    const caches = await openCaches()
    caches.define<string>('settings')
    const handle = caches.open<string>('settings', { as: 'orders' })
    expect(await handle.getOrLoad('k', () => currentCaller())).toBe('orders')
    expect(await handle.update('k', () => `${currentCaller()}!`)).toBe('orders!')
    expect(currentCaller()).toBeUndefined()
  })

  it.each<[object, string]>([
    [{ as: '' }, 'as must be text'],
    [{ as: 'a\nb' }, 'as must be text'],
    [{ allow: ['read'] }, 'allow must be a list of get, load'],
    [{ allow: 'get' }, 'allow must be a list'],
    [{ alow: ['get'] }, `no option 'alow'`],
  ])('with options %j is refused', async (options, fault) => {
    const caches = await openCaches()
    caches.define('settings')
    expect(() => caches.open('settings', options)).toThrow(fault)
  })

  it('of a cache that is not defined is refused', async () => {
    const caches = await openCaches()
    expect(() => caches.open('settings', {})).toThrow('is not defined')
  })
})

const rules: readonly AccessRule[] = [
  { cache: 'settings', caller: 'services.*', allow: ['get', 'load'] },
  { cache: 'settings', caller: 'admin', allow: ['get', 'set', 'clear', 'invalidate', 'rotate'] },
  { cache: 'market:*', caller: '*', allow: ['get'] },
]

describe('access rules', () => {
  it('deny what none of them allows, by the caller of the running code', async () => {
    const caches = await openCaches({ security: { access: rules } })
    const settings = caches.define<number>('settings')
    await expect(settings.get('k')).rejects.toMatchObject(denied)
    await asCaller('admin', async () => {
      await new Promise((resolve) => setImmediate(resolve))
      expect(await settings.set('k', 1)).toBe(true)
      await expect(settings.delete('k')).rejects.toMatchObject(denied)
    })
    expect(await asCaller('services.orders', () => settings.get('k'))).toBe(1)
    await expect(asCaller('services.orders', () => settings.set('k', 2))).rejects.toMatchObject(denied)
    await expect(asCaller('service', () => settings.get('k'))).rejects.toMatchObject(denied)
  })

  it('leave caches alone that none is about', async () => {
    const caches = await openCaches({ security: { access: rules } })
    const open = caches.define<number>('quotes')
    expect(await open.set('k', 1)).toBe(true)
    expect(open.constructor.name).toBe('CacheEngine')
  })

  it('hold for everybody where they say so, also for code that runs as no caller', async () => {
    const caches = await openCaches({ security: { access: rules } })
    const quotes = caches.define<number>('market:quotes')
    expect(await quotes.get('k')).toBeUndefined()
    await expect(quotes.set('k', 1)).rejects.toMatchObject(denied)
  })

  it('hold for handles too, which can only do less', async () => {
    const caches = await openCaches({ security: { access: rules } })
    caches.define<number>('settings')
    const orders = caches.open<number>('settings', { as: 'services.orders', allow: ['get', 'set'] })
    expect(await orders.get('k')).toBeUndefined()
    await expect(orders.set('k', 1)).rejects.toMatchObject(denied)
    const inner = caches.open<number>('settings', { as: 'services.orders' })
    // A handle's caller counts, whoever holds it.
    await expect(asCaller('admin', () => inner.set('k', 1))).rejects.toMatchObject(denied)
  })

  it('hold for what is done to all caches, and then nothing of it is done', async () => {
    const caches = await openCaches({ security: { access: rules } })
    const settings = caches.define<number>('settings')
    const quotes = caches.define<number>('quotes')
    await asCaller('admin', () => settings.set('k', 1, { tags: ['t'] }))
    await quotes.set('k', 1, { tags: ['t'] })
    await expect(caches.clear()).rejects.toMatchObject(denied)
    await expect(caches.invalidateTags(['t'])).rejects.toMatchObject(denied)
    expect(await quotes.get('k')).toBe(1)
    await asCaller('admin', () => caches.invalidateTags(['t']))
    expect(await quotes.get('k')).toBeUndefined()
    expect(await asCaller('admin', () => settings.get('k'))).toBeUndefined()
    await asCaller('admin', () => caches.clear())
  })

  it.each<[unknown, string]>([
    [{}, 'security.access must be a list'],
    [[{ cache: 'a', caller: 'b', allow: ['all'] }], 'security.access[0].allow'],
    [[{ cache: '', caller: 'b', allow: [] }], 'security.access[0].cache'],
    [[{ cache: 'a', allow: [] }], 'security.access[0].caller'],
    [[{ cache: 'a', caller: 'b', allow: [], deny: [] }], `no option 'deny'`],
  ])('%j are refused', async (access, fault) => {
    await expect(openCaches({ security: { access: access as AccessRule[] } })).rejects.toThrow(fault)
  })
})

describe('asCaller', () => {
  it('gives what the function gives, and nests', async () => {
    expect(
      asCaller('outer', () => [currentCaller(), asCaller('inner', currentCaller), currentCaller()]),
    ).toEqual(['outer', 'inner', 'outer'])
    expect(() => asCaller('', () => 1)).toThrow('the name must be text')
  })
})
