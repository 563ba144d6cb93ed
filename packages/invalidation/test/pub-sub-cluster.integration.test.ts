import { createCaches, onCacheEvent, type Cache, type Caches } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import type { RespOptions } from '@cache/resp'
import { documentedRights, TestCluster, until } from '@cache/tooling-servers'
import { valkey } from '@cache/valkey'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { pubSub } from '../src/pubsub/index.ts'
import { moveSlot } from './support/move-slot.ts'
import { clusterPatience as patience } from './support/patience.ts'

const rights = [...documentedRights('cache'), '+cluster|slots']
const users = [
  { name: 'app', password: 'right', rights: [...rights, '+ping', '+ssubscribe'] },
  { name: 'deaf', password: 'right', rights },
]
const names = Array.from({ length: 8 }, (_, index) => `values${index}`)

const opened: Caches[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((caches) => caches.close()))
})

describe.each([
  ['redis', redis],
  ['valkey', valkey],
] as const)('pub/sub of a cluster of %s', { timeout: 120_000 }, (kind, backendOf) => {
  const starting = TestCluster.start({ kind, replicas: 1, users })
  afterAll(async () => (await starting).stop())

  async function open(user: string, at = starting): Promise<Caches> {
    const { urls } = await at
    const options = { cluster: urls, username: user, password: 'right' } satisfies RespOptions
    const backend = backendOf(options)
    const caches = await createCaches({
      backend,
      l1: memory(),
      transport: pubSub({ backend }),
      // Only messages are to be fast enough for the tests.
      within: '1h',
      resilience: { openFor: 50 },
    })
    opened.push(caches)
    return caches
  }

  it('comes over the pub/sub of each slot, with no rights but those that are documented', async () => {
    const [readers, writers] = [await open('app'), await open('app')]
    for (const name of names) await hears(readers.define<string>(name), writers.define<string>(name))
    const { primaries } = await starting
    const channels = await Promise.all(primaries.map((node) => node.command(['PUBSUB', 'SHARDCHANNELS'])))
    expect(channels.every((each) => Array.isArray(each) && each.length > 0)).toBe(true)
    const plain = await Promise.all(primaries.map((node) => node.command(['PUBSUB', 'CHANNELS', '{cache:*'])))
    expect(plain).toEqual([[], [], []])
  })

  it('a user that may not subscribe is told, and the bound still holds', async () => {
    const reports: string[] = []
    const stopListening = onCacheEvent('cache:report', ({ message }) => void reports.push(message))
    const caches = await open('deaf')
    const values = caches.define<string>('values0')
    await values.set('k', 'v')
    await expect.poll(() => reports.join(), patience).toContain('refuses the subscription')
    expect(await values.get('k')).toBe('v')
    stopListening()
  })

  it('follows a slot that moves to another node', async () => {
    // One of its own: a slot that was moved like this may keep a replica from being elected.
    await using cluster = await TestCluster.start({ kind, users })
    const { reader, writer } = await pair('values0', Promise.resolve(cluster))
    await moveSlot(cluster, '{cache:values0}:state')
    await hears(reader, writer)
    expect(await reader.get('k')).toBe(undefined)
  })

  it('follows its slots to the replica that takes over', async () => {
    const { primaries, replicas } = await starting
    const [first] = primaries
    const held = String(await first?.command(['KEYS', '{cache:*}:state']))
    const name = names.find((each) => held.includes(`{cache:${each}}`)) ?? 'none'
    const { reader, writer } = await pair(name)
    await first?.kill()
    await until('a replica has taken over', async () =>
      (await Promise.all(replicas.map((each) => each.info('role')))).includes('master'),
    )
    await hears(reader, writer)
    expect(await reader.get('k')).toBe(undefined)
  })

  async function pair(
    name: string,
    at = starting,
  ): Promise<{ reader: Cache<string>; writer: Cache<string> }> {
    const [readers, writers] = [await open('app', at), await open('app', at)]
    const [reader, writer] = [readers.define<string>(name), writers.define<string>(name)]
    await hears(reader, writer)
    return { reader, writer }
  }
})

/** Messages come from now on, and remove what they name. The reader only listens until they do. */
async function hears(reader: Cache<string>, writer: Cache<string>): Promise<void> {
  const before = reader.stats().messages
  await expect
    .poll(async () => {
      await writer.set('hello', String(Math.random()))
      return reader.stats().messages > before
    }, patience)
    .toBe(true)
  await writer.set('k', 'old')
  await expect.poll(async () => (await reader.get('k')) && reader.peek('k'), patience).toBe('old')
  await writer.delete('k')
  await expect.poll(() => reader.peek('k'), patience).toBe(undefined)
}
