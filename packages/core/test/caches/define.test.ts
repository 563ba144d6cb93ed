import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { referenceBackend, referenceStorage } from '../../../conformance/src/index.ts'
import { onCacheEvent, type FailureEvent } from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

describe('define', () => {
  it('refuses two caches that could share keys', async () => {
    const caches = await openCaches()
    caches.define('market:quote')
    for (const name of ['market:quote', 'market', 'MARKET:quote', 'market:quote:last']) {
      expect(() => caches.define(name)).toThrow(expect.objectContaining({ code: 'CACHE_CONFLICT' }))
    }
    caches.define('market:bar')
  })

  it.each([
    ['a misspelt option', { tll: 5 }, `no option 'tll'`],
    [
      'a misspelt option inside',
      { loading: { staleWhileRevalidat: true } },
      `no option 'staleWhileRevalidat'`,
    ],
    ['a limit of 0', { maxEntries: 0 }, 'maxEntries'],
    ['a limit that is no whole number', { maxBytes: 1.5 }, 'maxBytes'],
    ['a version of 0', { version: 0 }, 'version'],
    ['a share above 1', { loading: { jitter: 2 } }, 'loading.jitter'],
    ['an unknown way of sharing', { values: { sharing: 'copy' } }, 'values.sharing'],
    ['a codec with a reserved id', { values: { codec: { id: 3 } } }, 'values.codec'],
    ['a sensitive cache without protection', { sensitive: true }, `'protection'`],
  ])('refuses %s, naming it', async (_name, options, message) => {
    const caches = await openCaches()
    expect(() => caches.define('values', options as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(message) as string,
      }),
    )
    expect(() => caches.define('values')).not.toThrow()
  })

  it('tells which caches there are, and which were never used', async () => {
    const caches = await openCaches()
    const used = caches.define<number>('used', { version: 2, maxEntries: 10 })
    caches.define('unused', { maxEntries: 20, maxBytes: 1024 ** 2 })
    await used.get('k')
    expect(caches.list()).toEqual([
      {
        name: 'used',
        version: 2,
        sensitive: false,
        maxEntries: 10,
        maxBytes: Number.POSITIVE_INFINITY,
        unused: false,
      },
      { name: 'unused', version: 1, sensitive: false, maxEntries: 20, maxBytes: 1024 ** 2, unused: true },
    ])
  })

  it('uses a codec of the caller for what it stores', async () => {
    const storage = referenceStorage()
    const codec = {
      id: 40,
      name: 'upper',
      encode: (value: unknown) => String(value).toUpperCase(),
      decode: (payload: string | Uint8Array) => String(payload).toLowerCase(),
    }
    const written = (await openCaches({ backend: referenceBackend({ storage }) })).define<string>('values', {
      values: { codec },
    })
    await written.set('k', 'text')
    expect(await written.get('k')).toBe('text')
    const other = (await openCaches({ backend: referenceBackend({ storage }) })).define<string>('values')
    expect(await other.get('k')).toBeUndefined()
    expect(other.stats().errors).toBe(1)
  })
})

describe('a schema', () => {
  it('types the cache, and is checked when a value is written', async () => {
    const caches = await openCaches()
    const users = caches.define('users', { schema: z.object({ name: z.string(), age: z.number().int() }) })
    await users.set('a', { name: 'Asha', age: 30 })
    const user = await users.get('a')
    expect(user?.name.length).toBe(4)
    await expect(users.set('b', { name: 'B', age: 1.5 })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining(`'age'`) as string,
    })
    await expect(users.getOrLoad('c', () => ({ name: 1 }) as never)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    })
    const points = caches.define('points', { schema: v.object({ x: v.number() }) })
    await expect(points.set('p', { x: 'no' } as never)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('makes a miss of a stored value that does not fit it, and says so', async () => {
    const storage = referenceStorage()
    const old = (await openCaches({ backend: referenceBackend({ storage }) })).define<unknown>('users')
    await old.set('a', { name: 'secret-name', age: 'thirty' })
    const failures: FailureEvent[] = []
    const stop = onCacheEvent('cache:failure', (event) => failures.push(event))
    const caches = await openCaches({ backend: referenceBackend({ storage }) })
    const users = caches.define('users', { schema: z.object({ name: z.string(), age: z.number() }) })
    expect(await users.get('a')).toBeUndefined()
    expect(await users.getOrLoad('a', () => ({ name: 'new', age: 30 }))).toEqual({ name: 'new', age: 30 })
    expect(await users.get('a')).toEqual({ name: 'new', age: 30 })
    stop()
    expect(failures[0]).toMatchObject({ cache: 'users', code: 'VALIDATION_FAILED' })
    expect(JSON.stringify(failures)).not.toContain('secret-name')
  })
})
