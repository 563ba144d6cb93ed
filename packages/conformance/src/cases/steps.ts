import assert from 'node:assert/strict'
import type { EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { counterStep, type CounterOutput } from '../counter-step.ts'
import { changeOne, put, stampOf } from '../store-steps.ts'
import { newEntry } from '../new-entry.ts'

const needs = ['steps'] as const
const hourMs = 3_600_000

/** Adds to the count of a key. */
async function add(store: EntryStore, key: string, by = 1, keptForMs = hourMs): Promise<CounterOutput> {
  if (!store.step) return assert.fail('the store should run steps')
  return store.step(key, counterStep, { by, keptForMs })
}

/** The count of a key, which stays as it is. */
async function countOf(store: EntryStore, key: string): Promise<number> {
  if (!store.step) return assert.fail('the store should run steps')
  return (await store.step(key, counterStep, { by: 0, keptForMs: undefined })).count
}

const cases: readonly BackendCase[] = [
  {
    name: 'a step finds what the step before it left, and a key of its own for each key',
    needs,
    run: async (context) => {
      const store = context.store()
      assert.equal((await add(store, 'a', 2)).count, 2)
      assert.equal((await add(store, 'a', 3)).count, 5)
      assert.equal((await add(store, 'b', 1)).count, 1)
      assert.equal(await countOf(store, 'c'), 0)
    },
  },
  {
    name: 'concurrent steps lose nothing',
    needs,
    run: async (context) => {
      const store = context.store()
      const outputs = await Promise.all(Array.from({ length: 300 }, () => add(store, 'k')))
      const counts = outputs.map(({ count }) => count).sort((one, other) => one - other)
      assert.deepEqual(
        counts,
        Array.from({ length: 300 }, (_, index) => index + 1),
      )
    },
  },
  {
    name: 'a step without a state leaves everything as it is',
    needs,
    run: async (context) => {
      const store = context.store()
      await add(store, 'k', 7)
      for (let turn = 0; turn < 3; turn++) assert.equal(await countOf(store, 'k'), 7)
    },
  },
  {
    name: 'a state that is kept for 0 is removed',
    needs,
    run: async (context) => {
      const store = context.store()
      await add(store, 'k', 7)
      await add(store, 'k', 1, 0)
      assert.equal(await countOf(store, 'k'), 0)
    },
  },
  {
    name: 'a state ends with its time, and each step gives it a new one',
    needs,
    run: async (context) => {
      const store = context.store()
      await add(store, 'short', 1, context.shortMs)
      await add(store, 'prolonged', 1, context.shortMs)
      await add(store, 'prolonged', 1)
      await add(store, 'shortened', 1)
      await add(store, 'shortened', 1, context.shortMs)
      await context.pass(context.shortMs + 2)
      assert.equal(await countOf(store, 'short'), 0)
      assert.equal(await countOf(store, 'prolonged'), 2)
      assert.equal(await countOf(store, 'shortened'), 0)
    },
  },
  {
    name: 'a purge removes states that have ended, and no other',
    needs: ['steps', 'injected-time'],
    run: async (context) => {
      const store = context.store()
      await add(store, 'short', 1, context.shortMs)
      await add(store, 'prolonged', 1, context.shortMs)
      await add(store, 'prolonged', 1, 3 * context.shortMs)
      await context.pass(context.shortMs + 2)
      assert.equal(await store.purge(100), 1)
      assert.equal(await countOf(store, 'prolonged'), 2)
      await context.pass(2 * context.shortMs + 2)
      assert.equal(await store.purge(100), 1)
      assert.equal(await store.count(), 0)
    },
  },
  {
    name: 'the time of steps goes on with the clock',
    needs,
    run: async (context) => {
      const store = context.store()
      const before = (await add(store, 'k')).nowMs
      await context.pass(context.shortMs)
      const passedMs = (await add(store, 'k')).nowMs - before
      assert.ok(passedMs >= context.shortMs - 1, `${passedMs} ms for ${context.shortMs} ms`)
    },
  },
  {
    name: 'the time of steps does not go back with the wall clock',
    needs: ['steps', 'injected-time'],
    run: async (context) => {
      const store = context.store()
      const before = (await add(store, 'k')).nowMs
      context.stepWall(-hourMs)
      await context.pass(10)
      const passedMs = (await add(store, 'k')).nowMs - before
      assert.ok(passedMs >= 9 && passedMs <= 11, `${passedMs} ms for 10 ms`)
    },
  },
  {
    name: 'the states of two caches are apart, whatever their keys',
    needs,
    run: async (context) => {
      const keys = ['k', 'a:b', '', '%', '\u{1f600}', 'k'.repeat(2000), '__proto__']
      for (const key of keys) await add(context.store({ cache: 'one' }), key, 1)
      for (const key of keys) assert.equal(await countOf(context.store({ cache: 'two' }), key), 0)
      for (const key of keys) assert.equal(await countOf(context.store({ cache: 'one' }), key), 1)
    },
  },
  {
    name: 'processes step the same states',
    needs: ['steps', 'shared'],
    run: async (context) => {
      const one = context.store()
      const two = context.store({}, await context.second())
      const both = [one, two].flatMap((store) => Array.from({ length: 50 }, () => add(store, 'k')))
      await Promise.all(both)
      assert.equal(await countOf(one, 'k'), 100)
      assert.equal(await countOf(two, 'k'), 100)
    },
  },
  {
    name: 'states outlive the process',
    needs: ['steps', 'persistent'],
    run: async (context) => {
      await add(context.store(), 'k', 5)
      assert.equal(await countOf(context.store({}, await context.reopen()), 'k'), 5)
    },
  },
  {
    name: 'the sequence goes on above what it was when everything was lost',
    needs: ['loses'],
    run: async (context) => {
      const store = context.store()
      for (let turn = 0; turn < 20; turn++) await put(store, 'k')
      const before = await stampOf(store)
      await context.pass(context.shortMs)
      const after = context.store({}, await context.lose())
      assert.equal(await changeOne(after, { kind: 'set', key: 'k', entry: newEntry() }), 'applied')
      const { sequence } = await stampOf(after)
      assert.ok(sequence > before.sequence, `${sequence} should be above ${before.sequence}`)
    },
  },
  {
    name: 'a change answers the sequence of its own, above that of every change before it',
    run: async (context) => {
      const store = context.store()
      const sequences: number[] = []
      for (let turn = 0; turn < 5; turn++) {
        const when = { kind: 'absent' } as const
        const { stamp } = await store.change([{ kind: 'set', key: `${turn}`, entry: newEntry(), when }])
        sequences.push(stamp.sequence)
      }
      assert.deepEqual(
        sequences,
        [...new Set(sequences)].sort((one, other) => one - other),
      )
    },
  },
]

export const steps: BackendConcern = { concern: 'steps', cases }
