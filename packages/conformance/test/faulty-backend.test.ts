import { isCacheError } from '@cache/core'
import type { EntryStore } from '@cache/core'
import { expect, it } from 'vitest'
import {
  anyOf,
  during,
  everyNth,
  faultyBackend,
  ManualClock,
  newEntry,
  onlyFor,
  referenceBackend,
  runBackendCases,
  seededRandom,
  sometimes,
  type FaultPlan,
} from '../src/index.ts'
import { referenceHarness } from './reference-harness.ts'

async function faultyStore(plan: FaultPlan, clock = new ManualClock()): Promise<EntryStore> {
  const backend = faultyBackend(referenceBackend(), plan)
  await backend.start({ prefix: 'p', clock, report: () => {} })
  const bounds = {
    maxEntries: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    onEvict: () => {},
  }
  return backend.store({ cache: 'c', version: 1, ...bounds })
}

function set(store: EntryStore): Promise<unknown> {
  return store.change([{ kind: 'set', key: 'k', entry: newEntry() }])
}

const down = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const

it('changes nothing while the plan names no fault', async () => {
  const harness = referenceHarness('faultless')
  const { count, failures } = await runBackendCases({
    ...harness,
    create: async () => {
      const fixture = await harness.create()
      return {
        ...fixture,
        backend: faultyBackend(fixture.backend, () => undefined),
        second: async () => faultyBackend((await fixture.second?.())!, () => undefined),
        reopen: async () => faultyBackend((await fixture.reopen?.())!, () => undefined),
      }
    },
  })
  expect(failures).toEqual([])
  expect(count).toBeGreaterThan(200)
})

it('fails every nth call, which then does nothing', async () => {
  const store = await faultyStore(everyNth(2, down))
  await set(store)
  await expect(store.change([{ kind: 'clear' }])).rejects.toSatisfy((error) => isCacheError(error, down.code))
  expect(await store.count()).toBe(1)
})

it('loses a reply after the call was done', async () => {
  const store = await faultyStore(
    onlyFor(['change'], () => ({ kind: 'lose-reply', code: 'BACKEND_TIMEOUT' })),
  )
  await expect(set(store)).rejects.toSatisfy((error) => isCacheError(error, 'BACKEND_TIMEOUT'))
  expect(await store.count()).toBe(1)
})

it('delays a call by the clock of the backend', async () => {
  const clock = new ManualClock()
  const store = await faultyStore(() => ({ kind: 'delay', ms: 500 }), clock)
  let settled = false
  const pending = set(store).then(() => (settled = true))
  await clock.advanceAsync(499)
  expect(settled).toBe(false)
  await clock.advanceAsync(1)
  await pending
})

it('hangs a call until nobody waits for it any more', async () => {
  const store = await faultyStore(onlyFor(['read'], () => ({ kind: 'hang' })))
  const winner = await Promise.race([store.read(['k']), store.count().then(() => 'counted')])
  expect(winner).toBe('counted')
})

it('has outages with a beginning and an end', async () => {
  let isDown = false
  const store = await faultyStore(during(() => isDown, down))
  await set(store)
  isDown = true
  await expect(set(store)).rejects.toThrow('Injected')
  isDown = false
  await set(store)
})

it('takes the first fault of several plans, and random ones by their seed', async () => {
  const outcomes = async (): Promise<string> => {
    const random = seededRandom(7)
    const store = await faultyStore(
      anyOf(everyNth(10, { ...down, code: 'BACKEND_FULL' }), sometimes(0.5, random, down)),
    )
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => set(store)))
    return results
      .map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : '-'))
      .join(' ')
  }
  const first = await outcomes()
  expect(await outcomes()).toBe(first)
  expect(first.split(' ').filter((code) => code === 'BACKEND_FULL')).toHaveLength(10)
  expect(first.split(' ').filter((code) => code === '-').length).toBeGreaterThan(20)
})
