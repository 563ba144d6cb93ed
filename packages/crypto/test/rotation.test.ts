import { onCacheEvent, type ResealProgress } from '@cache/core'
import { memory } from '@cache/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rotateKeys } from '../src/index.ts'
import { makeDirectory, onlyEntry, openEncrypted, openStore } from './support.ts'

describe('rotation', () => {
  it('seals every entry of every sealed cache anew while they are read, and tells how far it is', async () => {
    const directory = await makeDirectory()
    const { caches, protection } = await openEncrypted(directory, { l1: memory() })
    const auth = caches.define<number>('auth', { ttl: '1h' })
    const symbols = caches.define<number>('symbols', { values: { signed: true } })
    caches.define('plain')
    for (const cache of [auth, symbols])
      await cache.setMany(
        Array.from({ length: 250 }, (_, index) => [index, index] as const),
        { tags: ['t'] },
      )
    const steps: ResealProgress[] = []
    const misses: string[] = []
    onTestFinished(onCacheEvent('cache:read', ({ outcome, key }) => outcome === 'miss' && misses.push(key)))
    const rotation = { over: false }
    const reading = (async () => {
      for (let index = 0; !rotation.over; index = (index + 1) % 250) {
        expect(await auth.get(index)).toBe(index)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const [before] = protection.keys.list()
    const result = await rotateKeys(caches, protection, {
      batchSize: 100,
      pause: 0,
      retire: 'destroy',
      onProgress: (step) => steps.push(step),
    })
    rotation.over = true
    await reading
    expect(result).toMatchObject({ scanned: 500, resealed: 500, unreadable: 0, cachesDone: 2, cachesToDo: 2 })
    expect(result.retired).toEqual([before?.id])
    expect(steps.length).toBeGreaterThanOrEqual(6)
    expect(steps.map(({ cache }) => cache)).toContain('symbols')
    expect(misses).toEqual([])
    await caches.close()
    const again = await openEncrypted(directory)
    const read = again.caches.define<number>('auth', { ttl: '1h' })
    expect(await read.getMany(Array.from({ length: 250 }, (_, index) => index))).toEqual(
      Array.from({ length: 250 }, (_, index) => index),
    )
    expect((await read.ttl(1)) ?? 0).toBeGreaterThan(3_000_000)
    await again.caches.invalidateTags(['t'])
    expect(await read.get(1)).toBeUndefined()
  })

  it.each([
    [undefined, 'decrypt-only'],
    ['keep', 'decrypt-only'],
    ['disable', 'disabled'],
    ['destroy', 'destroyed'],
  ] as const)('told to retire by %s leaves the keys before %s', async (retire, state) => {
    const { caches, protection } = await openEncrypted(await makeDirectory())
    const auth = caches.define<number>('auth')
    await auth.set('k', 1)
    const [before] = protection.keys.list()
    const { key, retired } = await rotateKeys(caches, protection, { retire })
    expect(protection.keys.list()).toMatchObject([
      { id: before?.id, state },
      { id: key, state: 'primary' },
    ])
    expect(retired).toEqual(state === 'decrypt-only' ? [] : [before?.id])
    expect(await auth.get('k')).toBe(1)
  })

  it('makes no key when it is told what cannot be', async () => {
    const { caches, protection } = await openEncrypted(await makeDirectory())
    await expect(rotateKeys(caches, protection, { retire: 'forget' as never })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: `retire must be 'keep', 'disable' or 'destroy'`,
    })
    expect(protection.keys.list()).toHaveLength(1)
  })

  it('that was aborted goes on with another call', async () => {
    const { caches, protection } = await openEncrypted(await makeDirectory())
    const auth = caches.define<number>('auth')
    await auth.setMany(Array.from({ length: 50 }, (_, index) => [index, index] as const))
    const controller = new AbortController()
    const options = {
      batchSize: 10,
      pause: 0,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    }
    await expect(rotateKeys(caches, protection, options)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await caches.reseal({ pause: 0 })).toMatchObject({ scanned: 50, resealed: 40 })
    expect(await caches.reseal({ pause: 0 })).toMatchObject({ scanned: 50, resealed: 0 })
    expect(await auth.get(49)).toBe(49)
  })

  it('leaves what it cannot open, and then retires no key', async () => {
    const directory = await makeDirectory()
    const { caches, protection } = await openEncrypted(directory)
    const auth = caches.define<number>('auth')
    await auth.set('k', 1)
    const [first] = protection.keys.list()
    await protection.keys.rotate()
    await protection.keys.disable(first?.id ?? '')
    const result = await rotateKeys(caches, protection, { retire: 'destroy' })
    expect(result).toMatchObject({ scanned: 1, resealed: 0, unreadable: 1, retired: [] })
    expect(await auth.get('k')).toBeUndefined()
    expect((await onlyEntry(await openStore(directory, 'auth'))).entry).toBeDefined()
    await protection.keys.enable(first?.id ?? '')
    expect(await auth.get('k')).toBe(1)
  })

  it('keeps a key that came meanwhile: a process with older keys finds the newer one', async () => {
    const directory = await makeDirectory()
    const one = await openEncrypted(directory)
    const other = await openEncrypted(directory)
    const [auth, same] = [one.caches.define<number>('auth'), other.caches.define<number>('auth')]
    await one.protection.keys.rotate()
    await auth.set('k', 1)
    await other.protection.keys.reload()
    expect(await same.get('k')).toBe(1)
  })
})
