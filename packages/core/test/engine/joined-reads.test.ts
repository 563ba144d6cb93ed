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
import type { Cache } from '../../src/index.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'

interface Scene {
  readonly here: Cache<string>
  /** The same cache in another process. */
  readonly there: Cache<string>
  /** Reads that the store was asked by `here`. */
  readonly reads: () => number
  /** Holds the answers to reads that begin from now on, until the function that it gives is called. */
  readonly hold: () => () => void
  readonly setAway: (isAway: boolean) => void
}

async function scene(l1: boolean): Promise<Scene> {
  const storage = referenceStorage()
  const environment = { clock: new ManualClock() }
  let reads = 0
  let held = Promise.resolve()
  let away = false
  const unreachable = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const
  const counting = forwardingBackend(referenceBackend({ storage }), (store) => ({
    ...forwardingStore(store),
    read: async (keys) => {
      reads++
      const [until, answer] = [held, await store.read(keys)]
      await until
      return answer
    },
  }))
  const backend = faultyBackend(
    counting,
    during(() => away, unreachable),
  )
  const open = async (over: typeof backend): Promise<Cache<string>> => {
    const caches = await openCaches({ backend: over, l1: memory(), environment })
    return caches.define<string>('values', { ttl: '1h', l1: l1 ? {} : false })
  }
  const [here, there] = [await open(backend), await open(referenceBackend({ storage }))]
  return {
    here,
    there,
    reads: () => reads,
    hold: () => {
      const closed = gate()
      held = closed.promise
      return () => {
        held = Promise.resolve()
        closed.resolve()
      }
    },
    setAway: (isAway) => {
      away = isAway
    },
  }
}

describe('reads of one key at the same time', () => {
  it('ask the store once where L1 keeps what comes, and each by itself where there is none', async () => {
    for (const l1 of [true, false]) {
      const { here, there, reads } = await scene(l1)
      await there.set('k', 'v')
      const values = await Promise.all(Array.from({ length: 1000 }, () => here.get('k')))
      expect(new Set(values)).toEqual(new Set(['v']))
      expect(reads()).toBe(l1 ? 1 : 1000)
      expect(here.stats()).toMatchObject(l1 ? { storeHits: 1, localHits: 999 } : { storeHits: 1000 })
    }
  })

  it('never have what a change of this process replaced before they began', async () => {
    const { here, there, hold } = await scene(true)
    await there.set('k', 'old')
    const release = hold()
    const first = here.get('k')
    await settle()
    await here.set('k', 'new')
    await here.set('other', 'v')
    const second = here.get('k')
    await settle()
    release()
    expect([await first, await second]).toEqual(['old', 'new'])
  })

  it('never have what a deletion or a tag of this process ended before they began', async () => {
    for (const end of [
      (cache: Cache<string>) => cache.delete('k'),
      (cache: Cache<string>) => cache.invalidateTags(['t']),
    ]) {
      const { here, there, hold } = await scene(true)
      await there.set('k', 'old', { tags: ['t'] })
      await here.get('other')
      const release = hold()
      const first = here.get('k')
      await settle()
      await end(here)
      const second = here.get('k')
      await settle()
      release()
      expect([await first, await second]).toEqual(['old', undefined])
    }
  })

  it('of what is not there ask each for themselves, and see what came meanwhile', async () => {
    const { here, there, hold } = await scene(true)
    await here.get('other')
    const release = hold()
    const first = here.get('k')
    await settle()
    await there.set('k', 'v')
    const second = here.get('k')
    await settle()
    release()
    expect([await first, await second]).toEqual([undefined, 'v'])
  })

  it('are misses together when the store fails, and not one after another', async () => {
    const { here, setAway } = await scene(true)
    await here.get('other')
    setAway(true)
    expect(await Promise.all([here.get('k'), here.get('k'), here.get('k')])).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(here.stats()).toMatchObject({ misses: 4, errors: 1 })
  })
})
