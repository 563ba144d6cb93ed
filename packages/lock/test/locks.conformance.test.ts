import { setTimeout as sleep } from 'node:timers/promises'
import { createCaches, type CacheBackend, type Caches } from '@cache/core'
import { Child, places, processPlaces, serverPlaces, type Place } from '@cache/tooling-backends'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLocks, tokenGate, type Lock, type Locks } from '../src/index.ts'

interface Process {
  readonly backend: CacheBackend
  readonly caches: Caches
  readonly locks: Locks
}

let names = 0
/** Locks that no other test has. */
function uniqueName(): string {
  return `lock-${++names}`
}

async function processOver(backend: CacheBackend): Promise<Process> {
  const caches = await createCaches({
    backend,
    resilience: { commandTimeout: '20s' },
    upkeep: { onStart: false },
  })
  onTestFinished(() => caches.close())
  return { backend, caches, locks: createLocks(caches, { ttl: '20s', waitFor: '60s' }) }
}

const timeout = 60_000

describe.each(places)('locks over %s', (_name, make) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)
  afterAll(() => place.remove())

  /** Two processes; one twice where there is only one. */
  async function two(): Promise<readonly [Process, Process]> {
    const one = await processOver(place.open())
    return [one, place.shared ? await processOver(place.open()) : one]
  }

  it('are held by one at a time, with growing tokens', { timeout }, async () => {
    const [one, two_] = await two()
    const name = uniqueName()
    const first = await one.locks.tryAcquire(name)
    expect(first?.held).toBe(true)
    expect(await two_.locks.tryAcquire(name)).toBeUndefined()
    expect(await one.locks.tryAcquire(name)).toBeUndefined()
    expect(await first?.release()).toBe(true)
    expect(await first?.release()).toBe(false)
    expect(first?.held).toBe(false)
    expect(first?.signal.aborted).toBe(false)
    const second = await two_.locks.acquire(name)
    expect(second.token).toBeGreaterThan(first?.token ?? Number.POSITIVE_INFINITY)
    await second.release()
  })

  it('of different names do not know each other', { timeout }, async () => {
    const [{ locks }] = await two()
    const odd = ['a', 'a:b', '%', '\u{1f600}', '__proto__', 'x'.repeat(512)].map((part) =>
      `${part}${names}`.slice(-512),
    )
    const held = await Promise.all(odd.map((name) => locks.tryAcquire(name)))
    expect(held.every((lock) => lock?.held)).toBe(true)
    await Promise.all(held.map(async (lock) => lock?.release()))
  })

  it('let nobody in while somebody is in', { timeout }, async () => {
    const processes = await two()
    const name = uniqueName()
    let inside = 0
    const tokens: number[] = []
    const visits = Array.from({ length: 12 }, async (_, index) =>
      processes[index % 2]?.locks.withLock(name, async (lock) => {
        inside++
        await sleep(1)
        tokens.push(lock.token)
        expect(inside).toBe(1)
        inside--
      }),
    )
    await Promise.all(visits)
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b))
    expect(new Set(tokens).size).toBe(12)
  })

  it('are renewed for as long as they are held', { timeout }, async () => {
    const [one, two_] = await two()
    const name = uniqueName()
    const lock = await one.locks.acquire(name, { ttl: '2s' })
    await sleep(3000)
    expect(lock.held).toBe(true)
    expect(await two_.locks.tryAcquire(name)).toBeUndefined()
    await lock.release()
  })

  it('tell their holder when the state of them is lost', { timeout }, async () => {
    const [one] = await two()
    const name = uniqueName()
    const lock = await one.locks.acquire(name, { ttl: '1s' })
    const lost = once(lock.signal)
    await loseState(one)
    await lost
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST' })
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }))
    expect(await lock.release()).toBe(false)
  })

  it('are given up when their time to wait is over', { timeout }, async () => {
    const [one, two_] = await two()
    const name = uniqueName()
    const lock = await one.locks.acquire(name)
    await expect(two_.locks.acquire(name, { waitFor: 60 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    await lock.release()
    expect((await two_.locks.acquire(name, { waitFor: 0 })).held).toBe(true)
  })

  it('load what is missing in a cache once, in whichever process', { timeout }, async () => {
    const processes = await two()
    const name = uniqueName()
    let loads = 0
    const cachesOf = processes.map(({ caches }, index) =>
      index > 0 && !place.shared ? undefined : caches.define<number>('loaded'),
    )
    const loading = processes.flatMap(({ locks }, index) => {
      const cache = cachesOf[index] ?? cachesOf[0]
      if (!cache) return []
      return Array.from({ length: 5 }, () => locks.loadLocked(cache, name, async () => ++loads))
    })
    expect(await Promise.all(loading)).toEqual(Array.from({ length: 10 }, () => 1))
    expect(loads).toBe(1)
  })
})

describe.each(processPlaces)('locks of several processes over %s', (_name, make) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)
  afterAll(() => place.remove())

  it('outlive a holder that was killed by their time, and no longer', { timeout }, async () => {
    const { locks } = await processOver(place.open())
    const name = uniqueName()
    const child = new Child(new URL('children/holding.ts', import.meta.url), place.address, name)
    onTestFinished(() => child.kill())
    const token = Number(await child.line())
    await child.kill()
    expect(await locks.tryAcquire(name)).toBeUndefined()
    const lock = await locks.acquire(name, { waitFor: '40s' })
    expect(lock.token).toBeGreaterThan(token)
    await lock.release()
  })

  it('lose no update of three processes that each read and write', { timeout }, async () => {
    const name = uniqueName()
    const rounds = 15
    const children = Array.from(
      { length: 3 },
      () => new Child(new URL('children/counting.ts', import.meta.url), place.address, name, rounds),
    )
    onTestFinished(async () => void (await Promise.all(children.map((child) => child.kill()))))
    await Promise.all(children.map((child) => child.lines()))
    const { caches } = await processOver(place.open())
    expect(await caches.define<number>('counts').get(name)).toBe(3 * rounds)
  })
})

describe.each(serverPlaces)('locks over %s', (_name, make) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)
  afterAll(() => place.remove())

  it('keep their tokens growing when a server has lost everything', { timeout }, async () => {
    const name = uniqueName()
    const one = await processOver(place.open())
    const before = await one.locks.acquire(name)
    await one.caches.close()
    await place.server?.kill()
    await place.server?.restart('empty')
    const after = await (await processOver(place.open())).locks.acquire(name)
    expect(after.token).toBeGreaterThan(before.token)
    await after.release()
  })

  it.each(['starts empty', 'starts from an old snapshot', 'is flushed'])(
    'have a resource refuse who held one before the server %s',
    { timeout },
    async (how) => {
      const { server } = place
      const [one, two_] = [await processOver(place.open()), await processOver(place.open())]
      const name = uniqueName()
      const snapshot = await server?.snapshot()
      // Whatever the server counted since is forgotten with it.
      for (let round = 0; round < 5; round++) await one.locks.withLock(uniqueName(), async () => undefined)
      const before = await one.locks.acquire(name, { ttl: '3s' })
      const gate = tokenGate(before.token)
      if (how === 'is flushed') await server?.command(['FLUSHALL'])
      else await server?.restart(how === 'starts empty' ? 'empty' : snapshot)
      const after = await acquired(two_, name)
      expect(after.token).toBeGreaterThan(before.token)
      gate.enter(after.token)
      expect(() => gate.enter(before.token)).toThrow(expect.objectContaining({ code: 'STALE_TOKEN' }))
      if (!before.signal.aborted) await once(before.signal)
      expect(before.signal.reason).toMatchObject({ code: 'LOCK_LOST' })
      await after.release()
    },
  )

  it('take two round trips, one to get and one to let go', { timeout }, async () => {
    const { locks } = await processOver(place.open())
    await (await locks.acquire('warm')).release()
    await place.server?.command(['CONFIG', 'RESETSTAT'])
    await (await locks.acquire('counted')).release()
    const stats = String(await place.server?.command(['INFO', 'commandstats']))
    const counted = [...stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)].map(
      ([, command, calls]) => `${command} ${calls}`,
    )
    const sent = counted.filter(
      (each) => /^(evalsha|fcall|set|get|del|ping) /.test(each) && !/^(set|get|del) /.test(each),
    )
    expect(sent).toEqual(['evalsha 2'])
  })
})

/** While a server starts, nobody is given a lock. */
async function acquired({ locks }: Process, name: string): Promise<Lock> {
  for (;;) {
    const lock = await locks.tryAcquire(name).catch(() => undefined)
    if (lock !== undefined) return lock
    await sleep(50)
  }
}

/** As somebody does who clears the store by hand. */
async function loseState({ backend }: Process): Promise<void> {
  const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
  const store = backend.store({ cache: 'state:lock:locks', version: 1, onEvict: () => undefined, ...limits })
  await store.change([{ kind: 'clear' }])
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
