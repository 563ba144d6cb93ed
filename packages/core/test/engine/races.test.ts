import { describe, expect, it } from 'vitest'
import {
  during,
  faultyBackend,
  forwardingBackend,
  forwardingStore,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache, CacheBackend } from '../../src/index.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'

type Held = 'acquire' | 'changesSince'

/** A backend that carries commands out at once and holds the answers to some of them back. */
function holding(backend: CacheBackend): {
  backend: CacheBackend
  hold: (call: Held) => () => Promise<void>
} {
  const holds = new Map<Held, Promise<void>>()
  const answer = async <T>(call: Held, reply: Promise<T>): Promise<T> => {
    const value = await reply
    await holds.get(call)
    return value
  }
  return {
    backend: forwardingBackend(backend, (store) => ({
      ...forwardingStore(store),
      acquire: (key, request) => answer('acquire', store.acquire(key, request)),
      changesSince: (stamp) => answer('changesSince', store.changesSince(stamp)),
    })),
    hold: (call) => {
      const held = gate()
      holds.set(call, held.promise)
      return async () => {
        holds.delete(call)
        held.resolve()
        await settle()
      }
    },
  }
}

interface Scene {
  /** Its store can be cut off, and its answers held back. */
  readonly here: Cache<string>
  readonly there: Cache<string>
  readonly clock: ManualClock
  readonly hold: (call: Held) => () => Promise<void>
  readonly cut: (isCut: boolean) => void
}

/** Two processes over one store. The simulator found what follows; each case is the shortest that shows it. */
async function scene(within = 1000): Promise<Scene> {
  const clock = new ManualClock()
  const storage = referenceStorage()
  let isCut = false
  const faulty = faultyBackend(
    referenceBackend({ storage }),
    during(() => isCut, { kind: 'fail', code: 'BACKEND_UNREACHABLE' }),
  )
  const { backend, hold } = holding(faulty)
  const environment = { clock, random: () => 0.5 }
  const common = { l1: memory(), environment, within }
  const a = await openCaches({ backend, ...common })
  const b = await openCaches({ backend: referenceBackend({ storage }), ...common, l1: memory() })
  return {
    here: a.define<string>('values'),
    there: b.define<string>('values'),
    clock,
    hold,
    cut: (value) => {
      isCut = value
    },
  }
}

describe('races', () => {
  it('a caller that joins while a hit is under way does not get what was deleted before it joined', async () => {
    const { here, there, clock, hold } = await scene(0)
    await there.set('k', 'old')
    const release = hold('acquire')
    const early = here.getOrLoad('k', () => 'new')
    await settle()
    await there.delete('k')
    clock.advance(1)
    const late = here.getOrLoad('k', () => 'new')
    await release()
    expect(await early).toBe('old')
    expect(await late).toBe('new')
  })

  it('a tag takes back what was loaded while the store was away', async () => {
    const { here, cut } = await scene()
    await here.get('other')
    cut(true)
    await here.getOrLoad('k', () => 'old', { tags: ['t'] })
    expect(here.peek('k')).toBe('old')
    cut(false)
    await here.invalidateTags(['t'])
    expect(here.peek('k')).toBeUndefined()
  })

  it('an answer from before an own change does not bring back what that change voided', async () => {
    const { here, there, hold, cut } = await scene()
    await there.set('k', 'old')
    await here.get('other')
    const releaseHit = hold('acquire')
    const load = here.getOrLoad('k', () => 'new')
    await settle()
    cut(true)
    await expect(here.delete('other')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    cut(false)
    const releaseSync = hold('changesSince')
    const read = here.get('k')
    await settle()
    await here.delete('k')
    await releaseSync()
    await releaseHit()
    await Promise.all([load, read])
    expect(here.peek('k')).toBeUndefined()
  })

  it('a deletion reaches every load of its key, also one that callers could not join', async () => {
    const { here, cut } = await scene()
    await here.get('other')
    cut(true)
    const [first, second] = [gate<string>(), gate<string>()]
    const loads = [
      here.getOrLoad('k', () => first.promise),
      here.getOrLoad('k', () => second.promise, { maxAge: 5 }),
    ]
    await settle()
    cut(false)
    await here.delete('k')
    first.resolve('old')
    second.resolve('old')
    await Promise.all(loads)
    expect(here.peek('k')).toBeUndefined()
  })

  it('neither a write nor a fill waits for L1 to find its place, so that no TTL begins late', async () => {
    const { here, there, hold, cut } = await scene()
    await here.get('other')
    const loader = gate<string>()
    const load = here.getOrLoad('loaded', () => loader.promise)
    await settle()
    cut(true)
    await expect(here.delete('other')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    cut(false)
    const release = hold('changesSince')
    loader.resolve('new')
    expect(await load).toBe('new')
    expect(await here.set('written', 'new')).toBe(true)
    expect(await there.getMany(['loaded', 'written'])).toEqual(['new', 'new'])
    await release()
  })
})
