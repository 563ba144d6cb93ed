import type { Cache } from '@cache/core'
import { redis } from '@cache/redis'
import type { RespOptions } from '@cache/resp'
import { documentedRights, TestCluster, until } from '@cache/tooling-servers'
import { valkey } from '@cache/valkey'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { moveSlot } from './support/move-slot.ts'
import { clusterPatience as patience } from './support/patience.ts'
import { hold, Watched, watching } from './support/watched.ts'

const rights = [
  ...documentedRights('cache'),
  '+cluster|slots',
  '+ping',
  '+ssubscribe',
  '+subscribe',
  '+client|id',
  '+client|tracking',
  '&__redis__:invalidate',
]
const users = [{ name: 'app', password: 'right', rights }]
type Family = typeof redis | typeof valkey

/** Caches by their names. */
async function openOn(
  { urls }: TestCluster,
  options: {
    readonly watched: Watched
    readonly backendOf: Family
    readonly of: readonly string[]
    readonly partitions?: number
  },
): Promise<ReadonlyMap<string, Cache<string>>> {
  const { watched, backendOf, of, partitions = 1 } = options
  const place = { cluster: urls, username: 'app', password: 'right', partitions } satisfies RespOptions
  const caches = await watched.open(backendOf(place))
  return new Map(of.map((name) => [name, caches.define<string>(name, { l1: { ttl: '1h' }, ttl: '1h' })]))
}

/** As somebody who does not use the library, at whichever node holds it. */
async function removeFrom({ nodes }: TestCluster, pattern: string): Promise<void> {
  for (const node of nodes) {
    const found = await node.command(['KEYS', pattern]).catch(() => [])
    // A replica refuses, as does a node that the slot has left.
    for (const key of Array.isArray(found) ? found : [])
      await node.command(['DEL', String(key)]).catch(() => undefined)
  }
}

const names = Array.from({ length: 8 }, (_, index) => `values${index}`)

describe.each([
  ['redis', redis],
  ['valkey', valkey],
] as const)('foreign writers of a cluster of %s', { timeout: 120_000 }, (kind, backendOf) => {
  const starting = TestCluster.start({ kind, replicas: 1, users })
  const watched = new Watched()
  let cluster: TestCluster
  afterAll(async () => (await starting).stop())
  afterEach(() => watched.close())
  beforeEach(async () => {
    cluster = await starting
  })

  const open = (of = names, partitions = 1): Promise<ReadonlyMap<string, Cache<string>>> =>
    openOn(cluster, { watched, backendOf, of, partitions })
  const remove = (pattern: string): Promise<void> => removeFrom(cluster, pattern)
  const removedFrom =
    (name: string) =>
    (key: string): Promise<void> =>
      remove(`{cache:${name}}:v1:${key}`)

  it('are noticed on every primary', async () => {
    for (const [name, cache] of await open()) {
      await watching(cache, removedFrom(name))
      expect(cache.peek('watched')).toBe(undefined)
    }
  })

  it('are noticed in every partition', async () => {
    const cache = (await open(['spread'], 4)).get('spread') as Cache<string>
    const keys = Array.from({ length: 16 }, (_, index) => `p${index}`)
    await watching(cache, (key) => remove(`{cache:spread#*}:v1:${key}`))
    for (const key of keys) await hold(cache, key)
    for (const key of keys) await remove(`{cache:spread#*}:v1:${key}`)
    await expect.poll(() => keys.filter((key) => cache.peek(key) !== undefined), patience).toEqual([])
  })

  it('are noticed by the FLUSHALL of one primary', async () => {
    const cache = (await open()).get('values1') as Cache<string>
    await watching(cache, removedFrom('values1'))
    await hold(cache, 'k')
    for (const node of cluster.primaries) await node.command(['FLUSHALL']).catch(() => undefined)
    await expect.poll(() => cache.peek('k'), patience).toBe(undefined)
  })

  it('are noticed on a replica that takes over', async () => {
    const caches = await open()
    for (const [name, cache] of caches) await watching(cache, removedFrom(name))
    const [first] = cluster.primaries
    const held = String(await first?.command(['KEYS', '{cache:*}:state']))
    const name = names.find((each) => held.includes(`{cache:${each}}`)) ?? 'none'
    const cache = caches.get(name) as Cache<string>
    await hold(cache, 'k')
    await first?.kill()
    await until('a replica has taken over', async () =>
      (await Promise.all(cluster.replicas.map((each) => each.info('role')))).includes('master'),
    )
    await removedFrom(name)('k')
    await expect.poll(() => cache.peek('k'), patience).toBe(undefined)
    await watching(cache, removedFrom(name))
  })
})

// On clusters of their own: a slot that was moved like this may keep a replica from being elected.
it.each([
  ['redis', redis],
  ['valkey', valkey],
] as const)(
  'foreign writers of %s are noticed where a slot has moved to',
  { timeout: 120_000 },
  async (kind, backendOf) => {
    await using cluster = await TestCluster.start({ kind, users })
    const watched = new Watched()
    try {
      const caches = await openOn(cluster, { watched, backendOf, of: ['moved'] })
      const cache = caches.get('moved') as Cache<string>
      const removed = (key: string): Promise<void> => removeFrom(cluster, `{cache:moved}:v1:${key}`)
      await watching(cache, removed)
      await moveSlot(cluster, '{cache:moved}:state')
      await watching(cache, removed)
      await hold(cache, 'k')
      await removed('k')
      await expect.poll(() => cache.peek('k'), patience).toBe(undefined)
    } finally {
      await watched.close()
    }
  },
)
