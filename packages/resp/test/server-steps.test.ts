import { counterStep, forwardingStore, ManualClock, referenceBackend } from '@cache/conformance'
import type { EntryStore } from '@cache/core'
import { expect, it, onTestFinished } from 'vitest'

import { ServerSteps } from '../src/server-steps.ts'

/** A count that has no script for the server. */
const step = { ...counterStep, script: undefined }
const another = { by: 1, keptForMs: 60_000 }

/** Steps over a store in which a rival counts between the read and the write, this many times. */
async function steps({ rivals }: { readonly rivals: number }) {
  const backend = referenceBackend()
  await backend.start({ prefix: 'app', clock: new ManualClock(), report: () => {} })
  onTestFinished(() => backend.close())
  const store = backend.store({
    cache: 'counts',
    version: 1,
    maxEntries: 10,
    maxBytes: 1000,
    onEvict: () => {},
  })
  const rival = stepsOver(store)
  let left = rivals
  const disturbed = stepsOver({
    ...forwardingStore(store),
    change: async (changes) => {
      if (left-- > 0) await rival.run('k', step, another)
      return store.change(changes)
    },
  })
  return { disturbed, rival }
}

/** A step without a script asks nothing of the server but what its entries do. */
function stepsOver(store: EntryStore): ServerSteps {
  return new ServerSteps(undefined as never, 1, store)
}

it('a step counts on what others left, however often they come first', async () => {
  const { disturbed } = await steps({ rivals: 63 })
  expect(await disturbed.run('k', step, another)).toMatchObject({ count: 64 })
})

it('a step that always comes second is refused, and has changed nothing', async () => {
  const { disturbed, rival } = await steps({ rivals: 64 })
  await expect(disturbed.run('k', step, another)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'A step lost 64 times against other writers; try again later',
  })
  expect(await rival.run('k', step, another)).toMatchObject({ count: 65 })
})
