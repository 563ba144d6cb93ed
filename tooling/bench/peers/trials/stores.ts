import { join } from 'node:path'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { sqlite } from '@cache/sqlite'
import { TestCluster } from '@cache/tooling-servers'
import { Redis as Monitor } from 'ioredis'
import {
  asyncCacheDedupe,
  bentocache,
  cacheable,
  cacheManager,
  layeredLoader,
  openBento,
  ours,
  type OpenInstance,
} from '../instances.ts'
import { sleep, type Outcome, type Run, type Trial } from '../trial.ts'

/** Commands that come from clients while something is done. */
async function commandsOf(url: string, action: () => Promise<unknown>): Promise<number> {
  const monitor = await new Monitor(url).monitor()
  let commands = 0
  monitor.on('monitor', (_time: string, _command: string[], source: string) => {
    if (source !== 'lua') commands++
  })
  await action()
  await sleep(100)
  monitor.disconnect()
  return commands
}

async function tagCosts(
  url: string,
  read: () => Promise<unknown>,
  invalidate: (tags: string[]) => Promise<unknown>,
): Promise<Outcome> {
  await read()
  await read()
  const reading = await commandsOf(url, read)
  const tags = Array.from({ length: 20 }, (_, index) => `t${index}`)
  const invalidating = await commandsOf(url, () => invalidate(tags))
  return {
    ok: reading === 0 && invalidating === 1,
    what: `commands for 20 tags: ${invalidating}; for a hit in memory: ${reading}`,
  }
}

/** What a store gives back after its server restarted from a snapshot that is older than a deletion. */
function restored(open: OpenInstance): Run {
  return async ({ server }) => {
    const running = await server()
    const writer = await open(running.url)
    await writer.set('k', 'old')
    await sleep(200)
    const snapshot = await running.snapshot()
    await writer.delete('k')
    await running.restart(snapshot)
    await sleep(1500)
    const found = await (await open(running.url)).get('k')
    return { ok: found === undefined || found === null, what: `reads '${String(found)}'` }
  }
}

function falsy(open: OpenInstance): Run {
  return async ({ server }) => {
    const { url } = await server()
    const [writer, reader] = [await open(url), await open(url)]
    const values = [0, '', false, null]
    for (const [index, value] of values.entries()) await writer.set(`k${index}`, value)
    await sleep(200)
    const found = await Promise.all(values.map((_, index) => reader.get(`k${index}`)))
    const missing = values.filter((value, index) => found[index] !== value)
    return {
      ok: missing.length === 0,
      what: missing.length === 0 ? 'all read' : `misses ${JSON.stringify(missing)}`,
    }
  }
}

function cleared(open: OpenInstance): Run {
  return async ({ server }) => {
    const { url } = await server()
    const [one, other] = [await open(url), await open(url)]
    await one.set('k', 'old')
    await sleep(200)
    await other.get('k')
    await one.clear()
    await sleep(1000)
    const found = await other.get('k')
    return { ok: found === undefined || found === null, what: `the other reads '${String(found)}'` }
  }
}

function backfilled(open: OpenInstance): Run {
  return async ({ server }) => {
    const { url } = await server()
    const [writer, reader] = [await open(url), await open(url)]
    await writer.set('k', 'old', 1000)
    await sleep(700)
    const load = async (): Promise<string> => 'new'
    await reader.getOrLoad('k', load, 1000)
    await sleep(700)
    const found = await reader.getOrLoad('k', load, 1000)
    return { ok: found === 'new', what: `reads '${String(found)}' after 1.4 s of a TTL of 1 s` }
  }
}

async function clusterLeft(
  set: (key: string) => Promise<unknown>,
  clear: () => Promise<unknown>,
  isThere: (key: string) => Promise<boolean>,
): Promise<Outcome> {
  const keys = Array.from({ length: 30 }, (_, index) => `k${index}`)
  for (const key of keys) await set(key)
  const failure = await clear().then(
    () => '',
    (error: unknown) => `; ${String(error).slice(0, 60)}`,
  )
  const there = await Promise.all(keys.map(isThere))
  const left = there.filter(Boolean).length
  return { ok: left === 0 && failure === '', what: `${left} of 30 keys left${failure}` }
}

const foreign: (open: OpenInstance) => Run =
  (open) =>
  async ({ server }) => {
    const running = await server()
    await running.command(['SET', 'of another program', 'x'])
    const cache = await open(running.url)
    await cache.getOrLoad('k', async () => 'v')
    await cache.clear()
    const left = await running.command(['GET', 'of another program'])
    return { ok: left === 'x', what: left === 'x' ? 'leaves what is not its own' : 'deletes everything' }
  }

function nothing(open: OpenInstance): Run {
  return async ({ server }) => {
    const { url } = await server()
    const [one, other] = [await open(url), await open(url)]
    await one.getOrLoad('k', async () => null)
    await sleep(100)
    const found = await other.getOrLoad('k', async () => null)
    return { ok: found === null, what: `null comes back as ${JSON.stringify(found) ?? 'undefined'}` }
  }
}

export const stores: readonly Trial[] = [
  {
    id: '6',
    title: '20 tags are one command, and a hit in memory none',
    ours: async ({ server }) => {
      const { url } = await server()
      const caches = await createCaches({ backend: redis({ url }), l1: memory(), within: '1h' })
      const cache = caches.define<string>('values')
      const tags = Array.from({ length: 20 }, (_, index) => `t${index}`)
      await cache.set('k', 'v', { tags })
      return tagCosts(
        url,
        () => cache.get('k'),
        (all) => cache.invalidateTags(all),
      )
    },
    peers: {
      bentocache: async ({ server }) => {
        const { url } = await server()
        const bento = await openBento(url)
        const tags = Array.from({ length: 20 }, (_, index) => `t${index}`)
        await bento.set({ key: 'k', value: 'v', tags, ttl: 60_000 })
        return tagCosts(
          url,
          () => bento.get({ key: 'k' }),
          (all) => bento.deleteByTag({ tags: all }),
        )
      },
    },
  },
  {
    id: '8',
    title: 'an expired row that is read does not take the fresh one with it',
    ours: async ({ directory }) => {
      const open = async () =>
        (await createCaches({ backend: sqlite({ directory }) })).define<string>('values')
      const [one, other] = [await open(), await open()]
      return lazily(
        (key) => one.set(key, 'old', { ttl: 1 }),
        (key) => one.get(key),
        (key) => other.set(key, 'fresh'),
        (key) => other.get(key),
      )
    },
    peers: {
      '@keyv/sqlite': async ({ directory }) => {
        const { Keyv } = await import('keyv')
        const { KeyvSqlite } = await import('@keyv/sqlite')
        const uri = `sqlite://${join(directory, 'keyv.db')}`
        const open = (): InstanceType<typeof Keyv> =>
          new Keyv({ store: new KeyvSqlite({ uri, wal: true, driver: 'better-sqlite3' }) })
        const [one, other] = [open(), open()]
        return lazily(
          (key) => one.set(key, 'old', 1),
          (key) => one.get(key),
          (key) => other.set(key, 'fresh', 60_000),
          (key) => other.get(key),
        )
      },
    },
  },
  {
    id: '9',
    title: 'clear() reaches every node of a cluster',
    ours: async () => {
      const cluster = await TestCluster.start({ kind: 'redis' })
      const caches = await createCaches({ backend: redis({ cluster: cluster.urls, partitions: 5 }) })
      const cache = caches.define<string>('values')
      return clusterLeft(
        (key) => cache.set(key, 'v'),
        () => cache.clear(),
        (key) => cache.has(key),
      )
    },
    peers: {
      bentocache: async () => {
        const cluster = await TestCluster.start({ kind: 'redis' })
        const { BentoCache, bentostore } = await import('bentocache')
        const { redisDriver } = await import('bentocache/drivers/redis')
        const { Cluster } = await import('ioredis')
        const connection = new Cluster([...cluster.urls])
        const driver = redisDriver({ connection })
        const bento = new BentoCache({ default: 'l2', stores: { l2: bentostore().useL2Layer(driver) } })
        return clusterLeft(
          (key) => bento.set({ key, value: 'v', ttl: 60_000 }),
          () => bento.clear(),
          (key) => bento.has({ key }),
        )
      },
    },
  },
  {
    id: '10',
    title: 'a batch of 100 is one round trip',
    ours: async ({ server }) => {
      const { url } = await server()
      const caches = await createCaches({ backend: redis({ url }) })
      const cache = caches.define<number>('values')
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
      await cache.setMany(keys.map((key, index) => [key, index] as const))
      const commands = await commandsOf(url, () => cache.getMany(keys))
      return { ok: commands === 1, what: `${commands} command${commands === 1 ? '' : 's'}` }
    },
    peers: {
      bentocache: async ({ server }) => {
        const bento: object = await openBento((await server()).url)
        const has = 'getMany' in bento || 'mget' in bento
        return { ok: has, what: has ? 'has batches' : 'has no batches' }
      },
    },
  },
  {
    id: '11',
    title: "0, '', false and null are values",
    ours: falsy(ours),
    peers: { cacheable: falsy(cacheable), bentocache: falsy(bentocache) },
  },
  {
    id: '12',
    title: 'clear() reaches the memory of other processes',
    ours: cleared(ours),
    peers: { cacheable: cleared(cacheable), bentocache: cleared(bentocache) },
  },
  {
    id: '13',
    title: 'memory that is filled from the store keeps what is left of the TTL',
    ours: backfilled(ours),
    peers: { 'cache-manager': backfilled(cacheManager), bentocache: backfilled(bentocache) },
  },
  {
    id: '14',
    title: 'a read finds what only the store has, in the mode that does not block too',
    ours: blocking(ours),
    peers: { 'cache-manager': blocking((url) => cacheManager(url, true)) },
  },
  {
    id: '17',
    title: 'clear() leaves what other programs keep on the server',
    ours: foreign(ours),
    peers: {
      'async-cache-dedupe': foreign(async (url) => {
        const { createStorage } = await import('async-cache-dedupe')
        const { Redis } = await import('ioredis-5')
        const storage = createStorage('redis', { client: new Redis(url) as never })
        return { ...(await asyncCacheDedupe(url)), clear: () => storage.clear('') }
      }),
    },
  },
  {
    id: '18',
    title: 'null comes back as null',
    ours: async ({ server }) => {
      const { url } = await server()
      const [one, other] = [await ours(url), await ours(url)]
      await one.set('k', null)
      const found = await other.get('k')
      return { ok: found === null, what: `null comes back as ${JSON.stringify(found) ?? 'undefined'}` }
    },
    peers: { 'layered-loader': nothing(layeredLoader) },
  },
  {
    id: '28',
    title: 'a server that comes back from an older snapshot brings nothing deleted back',
    ours: restored(ours),
    peers: {
      bentocache: restored(bentocache),
      cacheable: restored((url) => cacheable(url, false)),
      'cache-manager': restored(cacheManager),
    },
  },
]

function blocking(open: OpenInstance): Run {
  return async ({ server }) => {
    const { url } = await server()
    const [writer, reader] = [await open(url), await open(url)]
    await writer.set('k', 'v')
    await sleep(200)
    const found = await reader.get('k')
    return { ok: found === 'v', what: found === 'v' ? 'finds it' : 'misses it' }
  }
}

/** Rows that are read just when they have expired, and written anew by another process. */
async function lazily(
  setOld: (key: string) => Promise<unknown>,
  read: (key: string) => Promise<unknown>,
  setFresh: (key: string) => Promise<unknown>,
  readFresh: (key: string) => Promise<unknown>,
): Promise<Outcome> {
  const times = 100
  let lost = 0
  for (let time = 0; time < times; time++) {
    const key = `k${time}`
    await setOld(key)
    await sleep(5)
    const reading = read(key)
    await Promise.all([reading, setFresh(key)])
    if ((await readFresh(key)) !== 'fresh') lost++
  }
  return { ok: lost === 0, what: `${lost} of ${times} fresh rows lost` }
}
