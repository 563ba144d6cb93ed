import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../conformance/src/manual-clock.ts'
import {
  CacheError,
  valueFormat,
  WriteBehind,
  type JournaledWrite,
  type JournalMark,
  type JournalWrite,
  type ListedKey,
  type WriteJournal,
} from '../../src/index.ts'
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
    await expect(queue.set('c', 1)).rejects.toMatchObject({
      code: 'BACKEND_FULL',
      message: '2 keys wait for their source; try again later',
    })
    expect(await queue.close()).toEqual(['a', 'b'])
    await expect(queue.set('d', 1)).rejects.toMatchObject({
      code: 'CLOSED',
      message: 'The write-behind queue was closed',
    })
  })

  it('writes in batches of the size it was given, and none that is empty', async () => {
    const caches = await openCaches()
    const sizes: number[] = []
    const write = async (entries: Written): Promise<void> => void sizes.push(entries.length)
    const queue = new WriteBehind<number>(caches.define('values'), write as never, { batchSize: 2 })
    for (const key of ['a', 'b', 'c', 'd', 'e']) await queue.set(key, 1)
    await queue.flush()
    await queue.flush()
    await queue.close()
    expect(sizes).toEqual([2, 2, 1])
  })

  it('has one timer while something waits, and none when nothing does', async () => {
    const caches = await openCaches()
    const clock = new ManualClock()
    const queue = new WriteBehind<number>(caches.define('values'), async () => undefined, { clock })
    expect(await queue.restore()).toBe(0)
    expect(clock.pendingTimers).toBe(0)
    await queue.set('a', 1)
    await queue.set('b', 1)
    expect(clock.pendingTimers).toBe(1)
    await clock.advanceAsync(1000)
    expect(clock.pendingTimers).toBe(0)
    await queue.set('a', 2)
    expect(await queue.close()).toEqual([])
    expect(clock.pendingTimers).toBe(0)
    await queue.flush()
    expect(clock.pendingTimers).toBe(0)
  })

  it('writes what it took back after the delay, though nobody writes anything new', async () => {
    const { caches, clock } = await openCachesInTime()
    const kept = new Map([['a', { key: 'a', payload: '7', format: valueFormat.json, sequence: 3 }]])
    const written: Written = []
    const write = async (entries: Written): Promise<void> => void written.push(...entries)
    const queue = new WriteBehind<number>(caches.define('values'), write as never, {
      journal: new MapJournal(kept),
      clock,
    })
    await queue.restore()
    await clock.advanceAsync(1000)
    expect(written).toEqual([['a', 7]])
    expect(kept.size).toBe(0)
  })

  it('gives its source nothing that the journal has not kept yet', async () => {
    const cache = (await openCaches()).define<number>('values')
    const journal = new MapJournal(new Map())
    const released = gate()
    journal.held = released.promise
    const written: Written = []
    const queue = new WriteBehind(cache, async (entries) => void written.push(...entries), { journal })
    const setting = queue.set('a', 1)
    await settle()
    const flushing = queue.flush()
    await settle()
    expect(written).toEqual([])
    released.resolve()
    await Promise.all([setting, flushing])
    expect(written).toEqual([['a', 1]])
  })

  it('a write that was refused leaves the newer one alone', async () => {
    const cache = (await openCaches()).define<number>('values')
    const journal = new MapJournal(new Map())
    const written: Written = []
    const queue = new WriteBehind(cache, async (entries) => void written.push(...entries), { journal })
    await queue.set('b', 0)
    journal.refusals = 1
    const both = await Promise.allSettled([queue.set('a', 1), queue.set('a', 2)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    await queue.close()
    expect(Object.fromEntries(written)).toEqual({ a: 2, b: 0 })
  })

  it('a journal that cannot be opened says why, to restore as well', async () => {
    const cache = (await openCaches()).define<number>('values')
    const journal = new MapJournal(new Map())
    journal.isFull = true
    const queue = new WriteBehind<number>(cache, async () => undefined, { journal })
    await expect(queue.restore()).rejects.toMatchObject({ code: 'BACKEND_FULL' })
    await expect(queue.close()).resolves.toEqual([])
  })

  it('takes back from its journal what a crash left, and empties it when written', async () => {
    const cache = (await openCaches()).define<number>('values')
    const kept = new Map<string, JournaledWrite>()
    const crashed = new WriteBehind<number>(cache, async () => undefined, {
      journal: new MapJournal(kept),
      delay: '1h',
    })
    await crashed.set('a', 1)
    await crashed.set(['b', 2], 2)
    await crashed.set('a', 3)
    const written: Written = []
    const queue = new WriteBehind(cache, async (entries) => void written.push(...entries), {
      journal: new MapJournal(kept),
    })
    expect(await queue.restore()).toBe(2)
    expect(await queue.restore()).toBe(2)
    expect(await queue.get('a')).toBe(3)
    expect(await queue.close()).toEqual([])
    expect(written.map(([key, value]) => [String(key), value])).toEqual([
      ['b,2', 2],
      ['a', 3],
    ])
    expect(kept.size).toBe(0)
  })

  it('takes it back with the first write as well, and the newer value wins', async () => {
    const cache = (await openCaches()).define<number>('values')
    const kept = new Map<string, JournaledWrite>()
    const crashed = new WriteBehind<number>(cache, async () => undefined, { journal: new MapJournal(kept) })
    await crashed.set('a', 1)
    await crashed.set('b', 1)
    const written: Written = []
    const queue = new WriteBehind(cache, async (entries) => void written.push(...entries), {
      journal: new MapJournal(kept),
    })
    await queue.set('a', 2)
    await queue.flush()
    expect(Object.fromEntries(written)).toEqual({ a: 2, b: 1 })
    await queue.close()
  })

  it('leaves in its journal what came while an older value was under way', async () => {
    const cache = (await openCaches()).define<number>('values')
    const kept = new Map<string, JournaledWrite>()
    const held = gate()
    const queue = new WriteBehind<number>(cache, () => held.promise, { journal: new MapJournal(kept) })
    await queue.set('a', 1)
    const flushed = queue.flush()
    await settle()
    await queue.set('a', 2)
    held.resolve()
    await flushed
    expect(kept.get('a')?.payload).toBe('2')
    await queue.close()
    expect(kept.size).toBe(0)
  })

  it('leaves to the next start what its source refuses to the end', async () => {
    const cache = (await openCaches()).define<number>('values')
    const kept = new Map<string, JournaledWrite>()
    const fail = async (): Promise<never> => {
      throw new RangeError('down')
    }
    const queue = new WriteBehind<number>(cache, fail, { journal: new MapJournal(kept) })
    await queue.set('a', 1)
    expect(await queue.close()).toEqual(['a'])
    expect([...kept.keys()]).toEqual(['a'])
  })

  it('refuses a write that its journal did not keep, and goes on with what waited before', async () => {
    const cache = (await openCaches()).define<number>('values')
    const journal = new MapJournal(new Map())
    const written: Written = []
    const queue = new WriteBehind(cache, async (entries) => void written.push(...entries), { journal })
    await queue.set('a', 1)
    journal.isFull = true
    const refused = await Promise.allSettled([queue.set('a', 2), queue.set('a', 3), queue.set('b', 1)])
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(queue.pendingKeys).toEqual(['a'])
    expect(await queue.get('a')).toBe(1)
    journal.isFull = false
    await queue.close()
    expect(written).toEqual([['a', 1]])
  })

  it('says what hinders its journal, and asks it again', async () => {
    const cache = (await openCaches()).define<number>('values')
    const journal = new MapJournal(new Map())
    journal.isFull = true
    const queue = new WriteBehind<number>(cache, async () => undefined, { journal })
    await expect(queue.set('a', 1)).rejects.toMatchObject({ code: 'BACKEND_FULL' })
    journal.isFull = false
    await queue.set('a', 1)
    expect(await queue.close()).toEqual([])
  })

  it.each([
    [{ delay: 0 }, 'delay'],
    [{ batchSize: 0 }, 'batchSize must be a whole number'],
    [{ maxPending: 1.5 }, 'maxPending must be a whole number'],
    [{ jornal: undefined }, "WriteBehind has no option 'jornal'"],
  ])('refuses impossible options: %o', async (options, message) => {
    const cache = (await openCaches()).define<number>('values')
    const make = (given: object): unknown => new WriteBehind(cache, async () => undefined, given)
    expect(() => make(options)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^INVALID_/),
        message: expect.stringContaining(message),
      }),
    )
    expect(() => make({ batchSize: 1, maxPending: 1, delay: 1 })).not.toThrow()
  })
})

/** A journal whose file is a map. */
class MapJournal implements WriteJournal {
  isFull = false
  /** Writes that are still to be refused. */
  refusals = 0
  /** Writes are kept once this has settled. */
  held: Promise<void> | undefined
  readonly #kept: Map<string, JournaledWrite>
  #sequence = 0

  constructor(kept: Map<string, JournaledWrite>) {
    this.#kept = kept
  }

  async open(): Promise<readonly JournaledWrite[]> {
    this.#refuseFull()
    const all = [...this.#kept.values()].toSorted((one, other) => one.sequence - other.sequence)
    this.#sequence = all.at(-1)?.sequence ?? 0
    return all
  }

  async put(write: JournalWrite): Promise<number> {
    await this.held
    this.#refuseFull()
    if (this.refusals-- > 0) throw new CacheError('BACKEND_FULL', 'No room left')
    const sequence = ++this.#sequence
    this.#kept.set(write.key, { ...write, sequence })
    return sequence
  }

  async forget(marks: readonly JournalMark[]): Promise<void> {
    for (const { key, sequence } of marks)
      if (this.#kept.get(key)?.sequence === sequence) this.#kept.delete(key)
  }

  async close(): Promise<void> {}

  #refuseFull(): void {
    if (this.isFull) throw new CacheError('BACKEND_FULL', 'No room left')
  }
}
