import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { put } from '../store-steps.ts'

const cases: readonly BackendCase[] = [
  {
    name: 'the backend declares what the harness says of it',
    run: async ({ backend, harness }) => {
      assert.deepEqual(backend.capabilities, harness.capabilities)
      assert.ok(backend.name.length > 0)
    },
  },
  {
    name: 'the stores declare the payloads and steps that the harness says',
    run: async (context) => {
      const store = context.store()
      assert.equal(store.payloads, context.harness.payloads)
      assert.equal(store.step !== undefined, context.harness.steps ?? false)
      if (context.harness.payloads === 'live') assert.equal(context.harness.capabilities.shared, 'process')
    },
  },
  {
    name: 'a store of the same cache and version is the same store',
    run: async (context) => {
      assert.equal(context.store(), context.store())
      assert.notEqual(context.store(), context.store({ version: 2 }))
      assert.notEqual(context.store(), context.store({ cache: 'other' }))
    },
  },
  {
    name: 'the names of caches that hold entries are listed, each once',
    run: async (context) => {
      for (const cache of ['a', 'b:c']) await put(context.store({ cache }), 'k')
      await put(context.store({ cache: 'a', version: 2 }), 'k')
      const names = await context.backend.cacheNames()
      assert.deepEqual([...names].sort(), ['a', 'b:c'])
    },
  },
  {
    name: 'a backend that was just started is healthy',
    run: async (context) => {
      const { healthy, details, warnings } = await context.backend.health()
      assert.equal(healthy, true)
      assert.ok(Object.values(details).every((fact) => ['string', 'number', 'boolean'].includes(typeof fact)))
      assert.ok(Array.isArray(warnings))
    },
  },
]

export const declarations: BackendConcern = { concern: 'declarations', cases }
