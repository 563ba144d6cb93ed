import {
  faultyBackend,
  ManualClock,
  onlyFor,
  referenceBackend,
  referenceStorage,
  type Fault,
} from '@cache/conformance'
import { createCaches, type Caches, type Clock } from '@cache/core'
import { memory } from '@cache/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLocks, type Locks } from '../src/index.ts'

interface Opened {
  readonly caches: Caches
  readonly locks: Locks
}

interface Harness {
  readonly clock: ManualClock
  /** What goes wrong with each change. */
  fault: Fault | undefined
  open(clock?: Clock): Promise<Opened>
}

/** Processes over one store, in a time of the test's own. */
function harness(): Harness {
  const storage = referenceStorage()
  const clock = new ManualClock()
  const made: Harness = {
    clock,
    fault: undefined,
    open: async (own = clock) => {
      const backend = faultyBackend(
        referenceBackend({ storage }),
        onlyFor(['change'], () => made.fault),
      )
      const caches = await createCaches({ backend, environment: { clock: own, random: () => 0.5 } })
      onTestFinished(() => caches.close())
      return { caches, locks: createLocks(caches) }
    },
  }
  return made
}

const away: Fault = { kind: 'fail', code: 'BACKEND_UNREACHABLE' }

/** How a call ends: with this code, or `'done'`. */
async function endOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  )
}

describe('a held lock', () => {
  it('is renewed before it ends, and ends when it is let go of', async () => {
    const { clock, open } = harness()
    const [one, two] = [await open(), await open()]
    const lock = await one.locks.acquire('k', { ttl: 1000 })
    await clock.advanceAsync(10_000)
    expect(lock.held).toBe(true)
    expect(await two.locks.tryAcquire('k')).toBeUndefined()
    await lock.release()
    await clock.advanceAsync(10_000)
    expect((await two.locks.tryAcquire('k'))?.held).toBe(true)
  })

  it('aborts its signal before anybody else can have it, when it cannot be renewed', async () => {
    const made = harness()
    const { clock } = made
    const [one, two] = [await made.open(), await made.open()]
    const lock = await one.locks.acquire('k', { ttl: 1000 })
    made.fault = away
    await clock.advanceAsync(899)
    expect(lock.signal.aborted).toBe(false)
    await clock.advanceAsync(2)
    expect(lock.signal.aborted).toBe(true)
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST' })
    made.fault = undefined
    expect(await two.locks.tryAcquire('k')).toBeUndefined()
    await clock.advanceAsync(1000)
    expect(await two.locks.tryAcquire('k')).toBeDefined()
  })

  it('survives an outage that is shorter than its lease', async () => {
    const made = harness()
    const { locks } = await made.open()
    const lock = await locks.acquire('k', { ttl: 10_000 })
    await made.clock.advanceAsync(3000)
    made.fault = away
    await made.clock.advanceAsync(4000)
    made.fault = undefined
    await made.clock.advanceAsync(50_000)
    expect(lock.held).toBe(true)
  })

  it('is not certain when a renewal hangs', async () => {
    const made = harness()
    const { locks } = await made.open()
    const lock = await locks.acquire('k', { ttl: 1000 })
    made.fault = { kind: 'hang' }
    await made.clock.advanceAsync(901)
    expect(lock.signal.aborted).toBe(true)
  })

  it('is not certain when the event loop was blocked for longer than its lease, though no timer has run', async () => {
    const made = harness()
    let blockedMs = 0
    const clock: Clock = {
      monotonicMs: () => made.clock.monotonicMs() + blockedMs,
      wallMs: () => made.clock.wallMs() + blockedMs,
      setTimer: (delayMs, callback) => made.clock.setTimer(delayMs, callback),
    }
    const { locks } = await made.open(clock)
    const lock = await locks.acquire('k', { ttl: 1000 })
    expect(lock.certainForMs).toBe(900)
    blockedMs = 5000
    expect(lock.held).toBe(false)
    expect(lock.certainForMs).toBe(0)
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }))
    expect(lock.signal.aborted).toBe(false)
  })

  it('does not care for steps of the wall clock', async () => {
    const { clock, open } = harness()
    const [one, two] = [await open(), await open()]
    const lock = await one.locks.acquire('k', { ttl: 1000 })
    for (const stepMs of [3_600_000, -7_200_000]) {
      clock.stepWall(stepMs)
      expect(lock.held).toBe(true)
      expect(await two.locks.tryAcquire('k')).toBeUndefined()
      await clock.advanceAsync(2000)
      expect(lock.held).toBe(true)
    }
  })

  it('is lost when the caches are closed', async () => {
    const { open } = harness()
    const { caches, locks } = await open()
    const lock = await locks.acquire('k')
    await caches.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(lock.signal.aborted).toBe(true)
    expect(await lock[Symbol.asyncDispose]()).toBeUndefined()
  })

  it('is let go of at the end of its block, also when that throws', async () => {
    const { open } = harness()
    const { locks } = await open()
    const work = async (): Promise<void> => {
      await using lock = await locks.acquire('k')
      throw new Error(`failed with ${lock.name}`)
    }
    await expect(work()).rejects.toThrow('failed with k')
    expect(await locks.tryAcquire('k')).toBeDefined()
  })

  it('ends by itself when its release does not arrive', async () => {
    const made = harness()
    const { locks } = await made.open()
    const lock = await locks.acquire('k', { ttl: 1000 })
    made.fault = away
    await expect(lock.release()).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    made.fault = undefined
    expect(await locks.tryAcquire('k')).toBeUndefined()
    await made.clock.advanceAsync(2100)
    expect(await locks.tryAcquire('k')).toBeDefined()
  })
})

describe('waiting for a lock', () => {
  it('goes in order within a process, and is woken by a release', async () => {
    const { clock, open } = harness()
    const { locks } = await open()
    const first = await locks.acquire('k')
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (number) => {
      await using lock = await locks.acquire('k')
      expect(lock.held).toBe(true)
      order.push(number)
    })
    await clock.advanceAsync(200)
    expect(order).toEqual([])
    await first.release()
    await Promise.all(waiting)
    expect(order).toEqual([1, 2, 3])
  })

  it('ends at its deadline, also for those who are not the first in line', async () => {
    const { clock, open } = harness()
    const { locks } = await open()
    await locks.acquire('k')
    const late = [
      locks.acquire('k', { waitFor: 500 }),
      locks.acquire('k', { waitFor: 100 }),
      locks.acquire('k', { waitFor: 0 }),
    ].map((waiting) =>
      waiting.then(
        () => 'got',
        (error: { code: string }) => error.code,
      ),
    )
    await clock.advanceAsync(100)
    expect(await Promise.all(late.slice(1))).toEqual(['LOCK_TIMEOUT', 'LOCK_TIMEOUT'])
    await clock.advanceAsync(400)
    expect(await late[0]).toBe('LOCK_TIMEOUT')
  })

  it('ends when it is aborted', async () => {
    const { clock, open } = harness()
    const { locks } = await open()
    const lock = await locks.acquire('k')
    const abort = new AbortController()
    const waiting = [1, 2].map(() => endOf(locks.acquire('k', { signal: abort.signal })))
    await clock.advanceAsync(50)
    abort.abort()
    expect(await Promise.all(waiting)).toEqual(['ABORTED', 'ABORTED'])
    await expect(locks.acquire('k', { signal: abort.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    await lock.release()
    expect(await locks.tryAcquire('k')).toBeDefined()
  })

  it('waits out an outage, as long as there is time', async () => {
    const made = harness()
    const { locks } = await made.open()
    made.fault = away
    const waiting = locks.acquire('k', { waitFor: '1m' })
    const late = endOf(locks.acquire('other', { waitFor: 100 }))
    await made.clock.advanceAsync(500)
    expect(await late).toMatch(/LOCK_TIMEOUT|BACKEND/)
    made.fault = undefined
    await made.clock.advanceAsync(2000)
    expect((await waiting).held).toBe(true)
    made.fault = away
    await expect(locks.tryAcquire('third')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
  })

  it('ends when the caches are closed', async () => {
    const { open } = harness()
    const [one, two] = [await open(), await open()]
    await one.locks.acquire('k')
    const waiting = endOf(two.locks.acquire('k'))
    await new Promise((resolve) => setImmediate(resolve))
    await two.caches.close()
    expect(await waiting).toBe('CLOSED')
  })

  it('does not keep a lock whose reply was lost from everybody', async () => {
    const made = harness()
    const { locks } = await made.open()
    made.fault = { kind: 'lose-reply', code: 'BACKEND_TIMEOUT' }
    await expect(locks.tryAcquire('k', { ttl: '1h' })).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
    made.fault = undefined
    await made.clock.advanceAsync(1)
    expect(await locks.tryAcquire('k')).toBeDefined()
  })
})

describe('withLock', () => {
  it('rejects when the lock was lost meanwhile, and not with what was made of it', async () => {
    const made = harness()
    const { locks } = await made.open()
    const { promise, resolve } = Promise.withResolvers<void>()
    const working = locks.withLock(
      'k',
      async ({ signal }) => {
        await promise
        return signal.aborted
      },
      { ttl: 1000 },
    )
    const rejected = endOf(working)
    await made.clock.advanceAsync(10)
    made.fault = away
    await made.clock.advanceAsync(1000)
    resolve()
    expect(await rejected).toBe('LOCK_LOST')
  })
})

describe('createLocks', () => {
  it('refuses what makes no sense, naming it', async () => {
    const caches = await createCaches({ backend: memory() })
    onTestFinished(() => caches.close())
    expect(() => createLocks(caches, { ttl: 50 })).toThrow(/ttl/)
    expect(() => createLocks(caches, { ttl: Number.NaN })).toThrow(/ttl/)
    expect(() => createLocks(caches, { lease: 1 } as never)).toThrow(/no option 'lease'/)
    const locks = createLocks(caches)
    expect(() => createLocks(caches)).toThrow(expect.objectContaining({ code: 'CACHE_CONFLICT' }))
    await expect(locks.acquire('')).rejects.toMatchObject({ code: 'INVALID_KEY' })
    await expect(locks.acquire('x'.repeat(513))).rejects.toMatchObject({ code: 'INVALID_KEY' })
    await expect(locks.acquire('k', { wait: 1 } as never)).rejects.toThrow(/no option 'wait'/)
    await expect(locks.acquire('k', { waitFor: -1 })).rejects.toThrow(/waitFor/)
  })
})
