import fc from 'fast-check'
import type { EntryStore, Lease, NewEntry, Stamp } from '@cache/core'
import { ManualClock, newEntry, referenceBackend } from '@cache/conformance'
import { expect, it } from 'vitest'
import { memory } from '../src/index.ts'

const keys = ['a', 'b', 'c'] as const
const allTags = ['t', 'u'] as const
const times = [0, 1, 50, 200, Number.POSITIVE_INFINITY] as const

const key = fc.constantFrom(...keys)
const tags = fc.uniqueArray(fc.constantFrom(...allTags))
const duration = fc.constantFrom(...times)
const when = fc.option(
  fc.oneof(
    fc.constant({ kind: 'absent' } as const),
    fc.nat(8).map((write) => ({ kind: 'revision', revision: `r${write}` }) as const),
  ),
  { nil: undefined },
)
const entry = fc
  .record({
    fresh: duration,
    kept: duration,
    tags,
    write: fc.nat(8),
    version: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ fresh, kept, write, ...rest }): NewEntry => {
    const [freshForMs, keptForMs] = [Math.min(fresh, kept), Math.max(fresh, kept)]
    return newEntry({ ...rest, freshForMs, keptForMs, revision: `r${write}`, payload: `"${write}"` })
  })

const change = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, entry, when }),
  fc.record({ kind: fc.constant('delete' as const), key, when }),
  fc.record({ kind: fc.constant('expire' as const), key, freshForMs: duration, keptForMs: duration, when }),
  fc.record({ kind: fc.constant('tags' as const), tags }),
  fc.constant({ kind: 'clear' } as const),
)

const end = fc.oneof(
  fc.constant({ kind: 'free' } as const),
  fc.record({ kind: fc.constant('unstored' as const), forMs: duration, tags }),
  fc.record({ kind: fc.constant('throttle' as const), forMs: duration }),
)

const step = fc.oneof(
  fc.record({
    act: fc.constant('change' as const),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ act: fc.constant('read' as const) }),
  fc.record({
    act: fc.constant('acquire' as const),
    key,
    refresh: fc.boolean(),
    leaseMs: fc.constantFrom(50, 1000),
  }),
  fc.record({ act: fc.constant('fill' as const), key, entry }),
  fc.record({ act: fc.constant('release' as const), key, end }),
  fc.record({ act: fc.constant('renew' as const), key, leaseMs: fc.constantFrom(50, 1000) }),
  fc.record({
    act: fc.constant('scan' as const),
    tag: fc.option(fc.constantFrom(...allTags), { nil: undefined }),
  }),
  fc.record({ act: fc.constant('changesSince' as const), back: fc.nat(5) }),
  fc.record({ act: fc.constant('count' as const) }),
  fc.record({ act: fc.constant('pass' as const), ms: fc.constantFrom(1, 49, 50, 150) }),
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One of the two backends, and the leases that it gave, the latest of each key last. */
interface Subject {
  readonly store: EntryStore
  readonly other: EntryStore
  readonly leases: Map<string, Lease>
}

async function subject(backend: ReturnType<typeof memory>, clock: ManualClock): Promise<Subject> {
  await backend.start({ prefix: 'p', clock, report: () => {} })
  const limits = {
    maxEntries: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    onEvict: () => {},
  }
  const open = (version: number): EntryStore => backend.store({ cache: 'c', version, ...limits })
  const [store, other] = [open(1), open(2)]
  // The reference refuses a fill with a tag that it never saw after any tag was invalidated; memory knows better.
  await store.change([
    { kind: 'set', key: 'seen', entry: newEntry({ tags: [...allTags], revision: 'seen' }) },
  ])
  return { store, other, leases: new Map() }
}

/** Does the step and answers with everything it can see, but for the epochs. */
async function perform({ store, other, leases }: Subject, item: Step, index: number): Promise<unknown> {
  const target = index % 7 === 0 ? other : store
  switch (item.act) {
    case 'change': {
      // Nobody follows the log of a store in this process, so it does not name its sequences.
      const { outcomes, stamp } = await target.change(item.changes)
      return withoutEpoch({ outcomes, stamp })
    }
    case 'read':
      return withoutEpoch(await target.read([...keys, ...keys]))
    case 'acquire': {
      const reply = await store.acquire(item.key, {
        token: `token${index}`,
        leaseMs: item.leaseMs,
        refresh: item.refresh,
      })
      if ('lease' in reply && reply.lease) leases.set(item.key, reply.lease)
      return withoutEpoch(reply)
    }
    case 'fill': {
      const lease = leases.get(item.key)
      if (!lease) return undefined
      const { accepted } = await store.fill(item.key, lease, item.entry)
      return accepted
    }
    case 'release': {
      const lease = leases.get(item.key)
      return lease && store.release(item.key, lease, item.end)
    }
    case 'renew': {
      const lease = leases.get(item.key)
      return lease && store.renew(item.key, lease, item.leaseMs)
    }
    case 'scan':
      return [...(await target.scan({ limit: 100, tag: item.tag })).keys].sort()
    case 'changesSince': {
      const { stamp } = await store.changesSince(undefined)
      const since: Stamp = { ...stamp, sequence: stamp.sequence - item.back }
      return withoutEpoch(await target.changesSince(since))
    }
    case 'count':
      await target.purge(100)
      return target.count()
    default:
      return undefined
  }
}

function withoutEpoch(reply: object): unknown {
  return JSON.parse(
    JSON.stringify(reply, (name: string, value: unknown) => {
      if (name === 'epoch') return 'epoch'
      return value === Number.POSITIVE_INFINITY ? 'Infinity' : value
    }),
  )
}

it('memory answers as the reference does, whatever is asked in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new ManualClock()
      const ours = await subject(memory(), clock)
      const reference = await subject(referenceBackend() as ReturnType<typeof memory>, clock)
      for (const [index, item] of steps.entries()) {
        if (item.act === 'pass') clock.advance(item.ms)
        const [actual, expected] = [await perform(ours, item, index), await perform(reference, item, index)]
        expect(actual, `step ${index}: ${item.act}`).toEqual(expected)
      }
    }),
    { numRuns: 1000 },
  )
})
