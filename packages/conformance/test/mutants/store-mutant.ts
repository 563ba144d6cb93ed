import type { Change, EntryStore, NewEntry, StepResult, StoredEntry, StoreOptions } from '@cache/core'
import { forwardingStore } from '../../src/index.ts'

/** Gives a correct store one fault. */
export type StoreMutant = (store: EntryStore, options: StoreOptions) => Partial<EntryStore>

type EntryChange = (entry: NewEntry) => NewEntry

/** Changes each entry on its way in. */
export function writing(changed: EntryChange): StoreMutant {
  return (store) => ({
    fill: (key, lease, entry) => store.fill(key, lease, changed(entry)),
    change: (changes) =>
      store.change(
        changes.map((each) => (each.kind === 'set' ? { ...each, entry: changed(each.entry) } : each)),
      ),
  })
}

/** Changes each entry on its way out. */
export function reading(changed: (entry: StoredEntry) => StoredEntry | undefined): StoreMutant {
  return (store) => ({
    read: async (keys) => {
      const reply = await store.read(keys)
      return { ...reply, entries: reply.entries.map((entry) => entry && changed(entry)) }
    },
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      const entry = 'entry' in reply ? changed(reply.entry) : undefined
      return 'entry' in reply && entry ? { ...reply, entry } : reply
    },
  })
}

/** Changes each key on its way in. */
export function keyed(changed: (key: string) => string): StoreMutant {
  return (store) => ({
    read: (keys) => store.read(keys.map(changed)),
    acquire: (key, request) => store.acquire(changed(key), request),
    renew: (key, lease, leaseMs) => store.renew(changed(key), lease, leaseMs),
    fill: (key, lease, entry) => store.fill(changed(key), lease, entry),
    release: (key, lease, end) => store.release(changed(key), lease, end),
    change: (changes) =>
      store.change(changes.map((each) => ('key' in each ? { ...each, key: changed(each.key) } : each))),
  })
}

/** Changes the log on its way out. */
export function telling(changed: <T>(invalidations: readonly T[]) => readonly T[]): StoreMutant {
  return (store) => ({
    changesSince: async (stamp) => {
      const reply = await store.changesSince(stamp)
      return reply.kind === 'log' ? { ...reply, invalidations: changed(reply.invalidations) } : reply
    },
  })
}

/** Drops changes of one kind, and says that they applied. */
export function ignoring(kind: Change['kind']): StoreMutant {
  return (store) => ({
    change: async (changes) => {
      const kept = changes.filter((change) => change.kind !== kind)
      const { outcomes, stamp } = await store.change(kept)
      const remaining = [...outcomes]
      return {
        outcomes: changes.map((each) => (each.kind === kind ? 'applied' : (remaining.shift() ?? 'applied'))),
        stamp,
      }
    },
  })
}

/** Changes what a step makes of the state. */
export function stepping(
  changed: <S, O>(result: StepResult<S, O>, state: S | undefined) => StepResult<S, O>,
  timeFactor = 1,
): StoreMutant {
  return (store) => ({
    step: (key, step, input) => {
      const run: typeof step.run = (state, given, nowMs) =>
        changed(step.run(state, given, nowMs * timeFactor), state)
      return store.step?.(key, { ...step, run }, input) ?? absent()
    },
  })
}

export function absent(): never {
  throw new Error('the store has no steps')
}

export function mutated(mutant: StoreMutant): (store: EntryStore, options: StoreOptions) => EntryStore {
  return (store, options) => ({ ...forwardingStore(store), ...mutant(store, options) })
}
