import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { warm } from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

describe('warm', () => {
  it('loads what is missing, a few at a time, and tells of its progress', async () => {
    const cache = (await openCaches()).define<number>('values')
    await cache.set('k3', -1)
    let running = 0
    let most = 0
    const seen: number[] = []
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
    const load = async (key: string): Promise<number> => {
      most = Math.max(most, ++running)
      await sleep(1)
      running--
      return Number(key.slice(1))
    }
    const progress = await warm(cache, keys, load, {
      concurrency: 4,
      onProgress: ({ done }) => seen.push(done),
    })
    expect(progress).toEqual({ done: 20, failed: 0 })
    expect(most).toBe(4)
    expect(seen.at(-1)).toBe(20)
    expect(await cache.getMany(['k0', 'k3', 'k19'])).toEqual([0, -1, 19])
  })

  it('goes on after a failure, and stops when aborted', async () => {
    const cache = (await openCaches()).define<number>('values')
    const failing = (key: number): number => {
      if (key % 2 === 1) throw new RangeError('odd')
      return key
    }
    expect(await warm(cache, [1, 2, 3, 4], failing)).toEqual({ done: 2, failed: 2 })
    const controller = new AbortController()
    async function* endless(): AsyncGenerator<number> {
      for (let key = 100; ; key++) yield key
    }
    const endlessly = warm(cache, endless(), (key) => key, {
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 50) controller.abort()
      },
    })
    await expect(endlessly).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
