import assert from 'node:assert/strict'
import type { EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { keysNamed, present, put } from '../store-steps.ts'

/** Reads, changes and writes back if nobody else did meanwhile; again until it succeeds. */
export async function update(
  store: EntryStore,
  key: string,
  changed: (text: string) => string,
): Promise<void> {
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const { payload, revision } = await present(store, key)
    const entry = newEntry({ payload: changed(String(payload)) })
    const when = { kind: 'revision', revision } as const
    const { outcomes } = await store.change([{ kind: 'set', key, entry, when }])
    if (outcomes[0] === 'applied') return
    assert.deepEqual(outcomes, ['conflict'])
  }
  assert.fail('an update lost ten thousand times')
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

const cases: readonly BackendCase[] = [
  {
    name: 'concurrent callers of a cold key get one lease between them',
    run: async (context) => {
      const store = context.store()
      const replies = await Promise.all(times(200, () => store.acquire('k', leaseRequest())))
      assert.equal(replies.filter(({ kind }) => kind === 'lease').length, 1)
      assert.equal(replies.filter(({ kind }) => kind === 'wait').length, 199)
    },
  },
  {
    name: 'concurrent callers of a stale entry get one lease between them',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 0 })
      const replies = await Promise.all(times(100, () => store.acquire('k', leaseRequest())))
      assert.equal(replies.filter((reply) => reply.kind === 'stale' && reply.lease).length, 1)
    },
  },
  {
    name: 'of concurrent sets of an absent key one applies',
    run: async (context) => {
      const store = context.store()
      const entries = times(50, (index) => newEntry({ payload: `${index}` }))
      const replies = await Promise.all(
        entries.map((entry) => store.change([{ kind: 'set', key: 'k', entry, when: { kind: 'absent' } }])),
      )
      const winners = entries.filter((_, index) => replies[index]?.outcomes[0] === 'applied')
      assert.equal(winners.length, 1)
      assert.equal((await present(store, 'k')).revision, winners[0]?.revision)
    },
  },
  {
    name: 'concurrent increments by revision lose none',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { payload: '0' })
      await Promise.all(times(40, () => update(store, 'k', (text) => String(Number(text) + 1))))
      assert.equal((await present(store, 'k')).payload, '40')
    },
  },
  {
    name: 'concurrent appends by revision lose none',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { payload: '' })
      await Promise.all(times(40, (index) => update(store, 'k', (text) => `${text}${index};`)))
      const items = String((await present(store, 'k')).payload)
        .split(';')
        .slice(0, -1)
      assert.deepEqual(
        items.map(Number).sort((a, b) => a - b),
        times(40, (index) => index),
      )
    },
  },
  {
    name: 'concurrent sets of different keys all apply',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('k', 500)
      await Promise.all(keys.map((key) => put(store, key, { payload: `"${key}"` })))
      const { entries } = await store.read(keys)
      assert.deepEqual(
        entries.map((entry) => entry?.payload),
        keys.map((key) => `"${key}"`),
      )
    },
  },
  {
    name: 'calls of one caller take effect in the order they were made',
    run: async (context) => {
      const store = context.store()
      const pending = times(50, (index) => put(store, 'k', { payload: `${index}` }))
      const read = store.read(['k'])
      await Promise.all(pending)
      assert.equal((await read).entries[0]?.payload, '49')
      assert.equal((await present(store, 'k')).payload, '49')
    },
  },
  {
    name: 'a fill and an invalidation at the same moment never leave the old value',
    run: async (context) => {
      const store = context.store()
      for (let round = 0; round < 40; round++) {
        const key = `k${round}`
        const lease = await leaseOn(store, key)
        const fill = () => store.fill(key, lease, newEntry({ tags: ['t'] }))
        const change = () =>
          store.change([round % 2 === 0 ? { kind: 'delete', key } : { kind: 'tags', tags: ['t'] }])
        await Promise.all(round % 4 < 2 ? [fill(), change()] : [change(), fill()])
        assert.deepEqual((await store.read([key])).entries, [undefined])
      }
    },
  },
]

export const concurrency: BackendConcern = { concern: 'concurrency', cases }
