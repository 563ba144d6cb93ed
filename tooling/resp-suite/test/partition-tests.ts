import { allBackendCases, type BackendHarness, runBackendCase } from '@cache/conformance'
import { type Caches, createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { type ServerKind, TestServer, until } from '@cache/tooling-servers'
import { afterEach, describe, expect, it } from 'vitest'

import { type MakeBackend, Running, set } from './fault-tests.ts'
import { started } from './started.ts'

/**
 * What cannot be of a partitioned cache: its leases and entries carry no sequence of the cache, because no partition
 * knows where the others stand. Nothing depends on it there: see `PartitionedStore`.
 */
const contradicted = new Set([
  'a set entry carries the sequence of its own change',
  'a cold key gives the lease that was asked for, with the present stamp',
])

/** What a backend whose time is real and which loses nothing on its own has to offer. */
const missing = new Set(['injected-time', 'volatile', 'live'])

/** Two processes with a local tier each, over a cache in several partitions. */
export function testPartitionedTiers(kind: ServerKind, make: MakeBackend): void {
  const running = new Running()
  afterEach(() => running.end())

  async function caches(url: string): Promise<Caches> {
    const opened = await createCaches({ backend: make({ url, partitions: 7 }), l1: memory() })
    return running.keep(opened)
  }

  it(`${kind}: what one process changes leaves the local tier of the other`, async () => {
    const { url } = running.keep(await TestServer.start({ kind }))
    const [ours, theirs] = [await caches(url), await caches(url)]
    const options = { ttl: '1h', l1: { within: '100ms' } } as const
    const [writer, reader] = [ours, theirs].map((each) => each.define<number>('numbers', options))
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`)
    await writer?.setMany(keys.map((key) => [key, 1]))
    for (const key of keys) expect(await reader?.get(key)).toBe(1)
    await writer?.setMany(keys.slice(0, 20).map((key) => [key, 2]))
    await writer?.deleteMany(keys.slice(20))
    await until('the other process sees every change', async () => {
      const values = await reader?.getMany(keys)
      return values?.every((value, index) => value === (index < 20 ? 2 : undefined))
    })
    await ours.clear()
    await until('the other process sees the clear', async () => {
      const values = await reader?.getMany(keys)
      return values?.every((value) => value === undefined)
    })
  })

  it(`${kind}: processes that do not agree on the partitions of a cache are told so`, async () => {
    const { url } = running.keep(await TestServer.start({ kind }))
    const first = await started(make({ url, partitions: 3 }))
    running.keep(first.backend)
    await set(first.store, 'k')
    const second = await started(make({ url }))
    running.keep(second.backend)
    await expect(second.store.read(['k'])).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
}

/** The contract for a cache in several partitions. */
export function testPartitions(harness: BackendHarness): void {
  for (const { concern, cases } of allBackendCases) {
    const applying = cases.filter(
      ({ name, needs = [] }) => !contradicted.has(name) && !needs.some((need) => missing.has(need)),
    )
    describe.runIf(applying.length > 0)(`${harness.name}: ${concern}`, () => {
      for (const item of applying) {
        it(`${concern}: ${item.name}`, async () => {
          await expect(runBackendCase(item, harness)).resolves.toBeUndefined()
        })
      }
    })
  }
}
