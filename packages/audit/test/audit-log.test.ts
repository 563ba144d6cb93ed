import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asCaller, createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { describe, expect, it, vi } from 'vitest'
import { auditLog, verifyAudit, type AuditOptions } from '../src/index.ts'
import { makeDirectory, openAudited, recordsOf } from './support.ts'

describe('a record', () => {
  it('says who did what with which entry, when, and how it ended', async () => {
    const { caches, file, clock } = await openAudited(await makeDirectory(), { instance: 'instance-7' })
    const settings = caches.define<number>('settings')
    await asCaller('orders', () => settings.set('mode', 1))
    await asCaller('orders', () => settings.get('mode'))
    await settings.get('none')
    await settings.getOrLoad('mode', () => 2)
    await settings.getOrLoad('new', () => 2)
    await settings.delete('mode')
    const time = new Date(clock.wallMs()).toISOString()
    const common = { time, cache: 'settings', outcome: 'done', instance: 'instance-7' }
    expect(await recordsOf(file)).toMatchObject([
      { seq: 0, operation: 'open', prev: '' },
      { seq: 1, ...common, operation: 'set', caller: 'orders' },
      { seq: 2, ...common, operation: 'get', caller: 'orders', hit: true },
      { seq: 3, ...common, operation: 'get', hit: false },
      { seq: 4, ...common, operation: 'load', hit: true },
      { seq: 5, ...common, operation: 'load', hit: false },
      { seq: 6, ...common, operation: 'delete', outcome: 'begun' },
      { seq: 7, ...common, operation: 'delete' },
    ])
    const keys = (await recordsOf(file)).map(({ key }) => key)
    expect(keys[1]).toBe(keys[2])
    expect(keys[1]).not.toBe(keys[3])
    expect(keys[1]).toMatch(/^[\w-]{43}$/)
  })

  it('holds no key, tag, pattern or value', async () => {
    const { caches, file } = await openAudited(await makeDirectory())
    for (const name of ['settings', 'auth']) {
      const cache = caches.define<string>(name)
      await cache.set('canary-key', 'canary-value', { tags: ['canary-tag'] })
      await cache.getMany(['canary-key', 'canary-other'])
      await cache.update('canary-key', () => 'canary-value-2')
      await cache.invalidateTags(['canary-tag'])
      await cache.deleteMany(['canary-key'])
      await caches
        .open(name, { as: 'x', allow: [] })
        .get('canary-key')
        .catch(() => undefined)
    }
    await caches.define('other').deleteMatching('canary*')
    await caches.invalidateTags(['canary-tag'])
    await caches.close()
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain('canary')
    expect(text.split('\n').length).toBeGreaterThan(20)
    expect((await verifyAudit({ file })).ok).toBe(true)
  })

  it('names the key of a sensitive cache by the hash that the backend has', async () => {
    const backend = memory()
    const { caches, file } = await openAudited(await makeDirectory(), {}, { backend })
    await caches.define('auth').delete('k')
    const [, , record] = await recordsOf(file)
    expect(record).toMatchObject({ cache: 'auth', operation: 'delete' })
    const hashes = new Set((await recordsOf(file)).flatMap(({ key }) => key ?? []))
    expect(hashes.size).toBe(1)
  })

  it('is there of each key, of denied calls, of failed ones, and of what is done to all caches', async () => {
    const access = [
      { cache: 'settings', caller: 'admin', allow: ['get', 'set', 'clear', 'invalidate'] as const },
    ]
    const { caches, file } = await openAudited(await makeDirectory(), {}, { security: { access } })
    const settings = caches.define<number>('settings')
    caches.define<number>('quotes')
    await expect(settings.delete('k')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await asCaller('admin', async () => {
      await expect(settings.set('k', undefined as never)).rejects.toMatchObject({ code: 'INVALID_VALUE' })
      await settings.getMany(['a', 'b'])
      await caches.clear()
    })
    const records = (await recordsOf(file)).slice(1)
    expect(records).toMatchObject([
      { operation: 'delete', outcome: 'denied' },
      { operation: 'set', outcome: 'failed', code: 'INVALID_VALUE', caller: 'admin' },
      { operation: 'get', hit: false },
      { operation: 'get', hit: false },
      { cache: 'settings', operation: 'clear', outcome: 'begun' },
      { cache: 'quotes', operation: 'clear', outcome: 'begun' },
      { cache: 'quotes', operation: 'clear', outcome: 'done' },
      { cache: 'settings', operation: 'clear', outcome: 'done' },
    ])
    expect(records[0]?.caller).toBeUndefined()
  })
})

describe('what is recorded', () => {
  it.each<[AuditOptions, readonly string[]]>([
    [{}, ['auth', 'market:quotes', 'settings']],
    [{ caches: 'sensitive' }, ['auth']],
    [{ caches: ['market:*'] }, ['market:quotes']],
  ])('with %j is of %j', async (options, expected) => {
    const { caches, file } = await openAudited(await makeDirectory(), options)
    for (const name of ['auth', 'market:quotes', 'settings']) await caches.define(name).get('k')
    await caches.close()
    expect((await recordsOf(file)).flatMap(({ cache }) => cache ?? [])).toEqual(expected)
  })

  it('is without reads if so wished, and an audit of other caches costs a cache nothing', async () => {
    const { caches, file } = await openAudited(await makeDirectory(), { reads: false, caches: ['settings'] })
    const settings = caches.define('settings')
    await settings.get('k')
    await settings.size()
    await settings.set('k', 1)
    expect(caches.define('quotes').constructor.name).toBe('CacheEngine')
    await caches.close()
    expect((await recordsOf(file)).map(({ operation }) => operation)).toEqual(['open', 'set'])
  })

  it.each<[AuditOptions['reads'], readonly string[]]>([
    [
      true,
      [
        'auth get',
        'auth load',
        'auth load',
        'auth load',
        'sessions get',
        'sessions load',
        'sessions load',
        'sessions load',
      ],
    ],
    [false, ['auth load', 'auth load', 'sessions load', 'sessions load']],
    [
      ['au*', 'tokens'],
      ['auth get', 'auth load', 'auth load', 'auth load', 'sessions load', 'sessions load'],
    ],
  ])(
    'with reads: %j is of loads that ran, of what was denied, and of those reads',
    async (reads, expected) => {
      const { caches, file } = await openAudited(await makeDirectory(), { reads })
      for (const name of ['auth', 'sessions']) {
        const cache = caches.define<number>(name)
        await cache.get('k')
        await cache.getOrLoad('k', () => 1)
        await cache.getOrLoad('k', () => 1)
        await cache.getOrLoad('other', () => Promise.reject(new Error('no'))).catch(() => undefined)
        await caches
          .open(name, { as: 'prices', allow: [] })
          .get('k')
          .catch(() => undefined)
      }
      await caches.close()
      const records = (await recordsOf(file)).filter(({ cache }) => cache !== undefined)
      const denied = records.filter(({ outcome }) => outcome === 'denied')
      expect(denied.map(({ cache, operation, caller }) => `${caller} ${operation} ${cache}`)).toEqual([
        'prices get auth',
        'prices get sessions',
      ])
      const others = records.filter(({ outcome }) => outcome !== 'denied')
      expect(others.map(({ cache, operation }) => `${cache} ${operation}`)).toEqual(expected)
      expect(await verifyAudit({ file })).toMatchObject({ ok: true })
    },
  )

  it('is on the disk before a privileged call answers, and within a second for the others', async () => {
    const { caches, file, clock } = await openAudited(await makeDirectory())
    const settings = caches.define('settings')
    await settings.get('k')
    expect(await recordsOf(file)).toHaveLength(1)
    await settings.delete('k')
    expect(await recordsOf(file)).toHaveLength(4)
    await settings.get('k')
    clock.advance(1000)
    await vi.waitFor(async () => expect(await recordsOf(file)).toHaveLength(5))
    await settings.get('k')
    await caches.close()
    expect(await recordsOf(file)).toHaveLength(6)
    expect(clock.pendingTimers).toBe(0)
  })

  it('of many calls at once is whole and in order', async () => {
    const { caches, file } = await openAudited(await makeDirectory())
    const settings = caches.define<number>('settings')
    await Promise.all(
      Array.from({ length: 300 }, async (_, index) =>
        index % 3 === 0 ? settings.delete(index) : settings.get(index),
      ),
    )
    await caches.close()
    expect(await verifyAudit({ file })).toMatchObject({ ok: true, records: 400 })
  })
})

describe('options', () => {
  it.each<[object, string]>([
    [{ path: 'x' }, `no option 'path'`],
    [{ file: '' }, 'file must be a path'],
    [{ instance: 'a b' }, 'instance must be'],
    [{ caches: 'some' }, 'caches must be'],
    [{ onFailure: 'ignore' }, 'onFailure'],
    [{ rotation: { maxBytes: 1 } }, 'rotation.maxBytes'],
    [{ checkpoints: { every: 0 } }, 'checkpoints.every'],
    [{ checkpoints: { place: 'x' } }, `no option 'place'`],
  ])('%j are refused', (options, fault) => {
    expect(() => auditLog(options)).toThrow(fault)
  })

  it('belong to one createCaches', async () => {
    const audit = auditLog({ file: join(await makeDirectory(), 'a.log') })
    const caches = await createCaches({ backend: memory(), security: { audit } })
    await expect(createCaches({ backend: memory(), security: { audit } })).rejects.toThrow(
      'give each its own',
    )
    await caches.close()
  })
})
