import { describe, expect, it } from 'vitest'
import { everyNth, faultyBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { WriteBehind, type ListedKey } from '../../src/index.ts'
import { gate, openCaches, openCachesInTime, settle } from '../support/open-caches.ts'

type Written = (readonly [ListedKey, number])[]

describe('WriteBehind', () => {
  it('shows a write at once, and sends the latest of each key later', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values')
    const written: Written = []
    const queue = new WriteBehind(cache, async (entries) => void written.push(...entries), {
      delay: '1s',
      clock,
    })
    await queue.set('a', 1)
    await queue.set('a', 2)
    await queue.set(['b', 1], 3)
    expect(await cache.get('a')).toBe(2)
    expect(written).toEqual([])
    expect(queue.pendingKeys).toEqual(['a', ['b', '1']])
    await clock.advanceAsync(1000)
    expect(written).toEqual([
      ['a', 2],
      [['b', '1'], 3],
    ])
    expect(queue.pendingKeys).toEqual([])
  })

  it('answers with what waits, though the cache has lost it, and does not load the source as it was', async () => {
    const { caches } = await openCachesInTime()
    const cache = caches.define<number>('values')
    const source = new Map<ListedKey, number>([['a', 1]])
    const queue = new WriteBehind<number>(cache, async (entries) => {
      for (const [key, value] of entries) source.set(key, value)
    })
    await queue.set('a', 2)
    await cache.delete('a')
    expect(await queue.get('a')).toBe(2)
    expect(await queue.getOrLoad('a', () => source.get('a'))).toBe(2)
    expect(await cache.get('a')).toBeUndefined()
    await queue.flush()
    expect(await queue.getOrLoad('a', () => source.get('a'))).toBe(2)
    expect(await queue.get('b')).toBeUndefined()
  })

  it('keeps what failed and tries again', async () => {
    const { caches, clock } = await openCachesInTime()
    const errors: unknown[] = []
    const written: Written = []
    let down = true
    const write = async (entries: Written): Promise<void> => {
      if (down) throw new RangeError('down')
      written.push(...entries)
    }
    const options = { delay: '1s', clock, onError: (error: unknown) => errors.push(error) } as const
    const queue = new WriteBehind<number>(caches.define('values'), write as never, options)
    await queue.set('a', 1)
    await clock.advanceAsync(1000)
    expect(errors).toHaveLength(1)
    down = false
    await clock.advanceAsync(1000)
    expect(written).toEqual([['a', 1]])
  })

  it('does not forget a value that came while an older one was under way', async () => {
    const { caches } = await openCachesInTime()
    const held = gate()
    const written: Written = []
    const queue = new WriteBehind<number>(caches.define('values'), async (entries) => {
      await held.promise
      written.push(...entries)
    })
    await queue.set('a', 1)
    const flushed = queue.flush()
    await settle()
    await queue.set('a', 1)
    held.resolve()
    await flushed
    expect(queue.pendingKeys).toEqual(['a'])
    expect(await queue.close()).toEqual([])
    expect(written).toEqual([
      ['a', 1],
      ['a', 1],
    ])
  })

  it('refuses more than it may hold, and says at its end what was not written', async () => {
    const caches = await openCaches()
    const fail = async (): Promise<never> => {
      throw new RangeError('down')
    }
    const queue = new WriteBehind<number>(caches.define('values'), fail, { maxPending: 2 })
    await queue.set('a', 1)
    await queue.set('b', 1)
    await queue.set('a', 2)
    await expect(queue.set('c', 1)).rejects.toMatchObject({ code: 'BACKEND_FULL' })
    expect(await queue.close()).toEqual(['a', 'b'])
    await expect(queue.set('d', 1)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('takes back from its journal what a crash left, and empties it when written', async () => {
    const caches = await openCaches()
    const journal = caches.define<number>('journal', { ttl: Number.POSITIVE_INFINITY })
    const cache = caches.define<number>('values')
    const crashed = new WriteBehind<number>(cache, async () => undefined, { journal, delay: '1h' })
    await crashed.set('a', 1)
    await crashed.set(['b', 2], 2)
    const written: Written = []
    const queue = new WriteBehind<number>(cache, async (entries) => void written.push(...entries), {
      journal,
    })
    expect(await queue.restore()).toBe(2)
    expect(await queue.close()).toEqual([])
    expect(new Map(written.map(([key, value]) => [String(key), value]))).toEqual(
      new Map([
        ['a', 1],
        ['b,2', 2],
      ]),
    )
    expect(await journal.size()).toBe(0)
  })

  it('refuses a write that its journal did not keep', async () => {
    const backend = faultyBackend(memory(), everyNth(1, { kind: 'fail', code: 'BACKEND_FULL' }))
    const journal = (await openCaches({ backend })).define<number>('journal', {
      ttl: Number.POSITIVE_INFINITY,
    })
    const queue = new WriteBehind<number>((await openCaches()).define('values'), async () => undefined, {
      journal,
    })
    await expect(queue.set('a', 1)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect(queue.pendingKeys).toEqual([])
  })
})
