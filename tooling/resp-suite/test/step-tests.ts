import { counterStep, type CounterOutput } from '@cache/conformance'
import type { EntryStore } from '@cache/core'
import { type ServerKind, TestServer } from '@cache/tooling-servers'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import type { MakeBackend } from './fault-tests.ts'
import { started } from './started.ts'

/** A count that has no script for the server. */
const step = { ...counterStep, script: undefined }

/** Steps that a server cannot run itself: they are a read and a conditional write, tried again. */
export function testStepsWithoutScript(kind: ServerKind, make: MakeBackend): void {
  describe(`${kind}: a step without a script`, () => {
    let server: TestServer
    beforeAll(async () => {
      server = await TestServer.start({ kind })
    })
    afterAll(() => server.stop())

    async function opened(): Promise<EntryStore> {
      const { backend, store } = await started(make({ url: server.url }))
      onTestFinished(() => backend.close())
      return store
    }

    async function add(store: EntryStore, key: string, by = 1, keptForMs?: number): Promise<CounterOutput> {
      if (!store.step) throw new Error('The store should run steps')
      return store.step(key, step, { by, keptForMs })
    }

    it('loses nothing of what two processes do', async () => {
      const stores = [await opened(), await opened()]
      const counts: number[] = []
      await Promise.all(
        stores.map(async (store) => {
          for (let round = 0; round < 50; round++) counts.push((await add(store, 'k', 1, 60_000)).count)
        }),
      )
      expect(new Set(counts).size).toBe(100)
      expect(Math.max(...counts)).toBe(100)
    })

    it('leaves the state, removes it, or keeps it for as long as it says', async () => {
      const store = await opened()
      expect((await add(store, 'k2', 5, 60_000)).count).toBe(5)
      expect((await add(store, 'k2', 1)).count).toBe(6)
      expect((await add(store, 'k2', 0)).count).toBe(5)
      expect((await add(store, 'k2', 1, 0)).count).toBe(6)
      expect((await add(store, 'k2', 0)).count).toBe(0)
    })
  })
}
