import { createCaches } from '@cache/core'
import { pubSub } from '@cache/invalidation/pubsub'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { TcpProxy } from '@cache/tooling-servers'
import {
  asyncCacheDedupe,
  bentocache,
  cacheable,
  cachified,
  cacheManager,
  layeredLoader,
  openBento,
  ours,
  type OpenInstance,
} from '../instances.ts'
import { gate, sleep, type Outcome, type Run, type Trial } from '../trial.ts'

/** A load of one process is held while the other deletes its key. */
function staleFill(open: OpenInstance, processes: 1 | 2): Run {
  return async ({ server }) => {
    const { url } = await server()
    const loading = await open(url)
    const deleting = processes === 1 ? loading : await open(url)
    const [begun, held] = [gate(), gate()]
    const first = loading.getOrLoad('k', async () => {
      begun.resolve()
      await held.promise
      return 'old'
    })
    await begun.promise
    await deleting.delete('k')
    held.resolve()
    await first
    await sleep(100)
    const found = await deleting.getOrLoad('k', async () => 'new')
    return { ok: found === 'new', what: found === 'new' ? 'loads anew' : `serves '${String(found)}'` }
  }
}

/** A reader that was cut off while another process wrote. */
function missed(open: OpenInstance): Run {
  return async ({ server }) => {
    const { port, url } = await server()
    const proxy = await TcpProxy.start(port)
    const reader = await open(proxy.url)
    const writer = await open(url)
    await writer.set('k', 'old')
    await sleep(300)
    await reader.get('k')
    proxy.behave({ refuse: true })
    proxy.cut()
    await writer.set('k', 'new')
    proxy.behave({})
    await sleep(3000)
    const found = await reader.get('k')
    return { ok: found === 'new', what: `reads '${String(found)}' 3 s after it was back` }
  }
}

function stampede(open: OpenInstance): Run {
  return async ({ server }) => {
    const { url } = await server()
    const both = [await open(url), await open(url)]
    let loads = 0
    const load = async (): Promise<string> => {
      loads++
      await sleep(100)
      return 'v'
    }
    await Promise.all(both.flatMap((cache) => Array.from({ length: 50 }, () => cache.getOrLoad('k', load))))
    return { ok: loads === 1, what: `${loads} load${loads === 1 ? '' : 's'}` }
  }
}

function failing(open: OpenInstance): Run {
  return async ({ server }) => {
    const cache = await open((await server()).url)
    let loads = 0
    const load = async (): Promise<never> => {
      loads++
      await sleep(5)
      throw new Error('no')
    }
    await Promise.allSettled(Array.from({ length: 50 }, () => cache.getOrLoad('k', load)))
    return { ok: loads === 1, what: `${loads} load${loads === 1 ? '' : 's'}` }
  }
}

function judged(found: unknown): Outcome {
  return { ok: found === 'new', what: found === 'new' ? 'loads anew' : `serves '${String(found)}'` }
}

/** What both run: a load with a tag is held while the other process invalidates the tag. */
async function tagged(
  load: (factory: () => Promise<string>) => Promise<unknown>,
  invalidate: () => Promise<unknown>,
): Promise<Outcome> {
  const [begun, held] = [gate(), gate()]
  const first = load(async () => {
    begun.resolve()
    await held.promise
    return 'old'
  })
  await begun.promise
  await invalidate()
  await sleep(5)
  held.resolve()
  await first
  return judged(await load(async () => 'new'))
}

async function ourCaches(url: string) {
  const backend = redis({ url })
  const caches = await createCaches({ backend, l1: memory(), transport: pubSub({ backend }) })
  return { caches, cache: caches.define<string>('values') }
}

/** Values that are written while another process expires their key. */
async function expired(
  set: (value: string) => Promise<unknown>,
  expire: () => Promise<unknown>,
  stored: () => Promise<unknown>,
): Promise<Outcome> {
  const times = 50
  let lost = 0
  for (let time = 0; time < times; time++) {
    await set('old')
    await Promise.all([expire(), set(`new ${time}`)])
    const found = await stored()
    // That the expiry came last is right too.
    if (found !== undefined && found !== `new ${time}`) lost++
  }
  return { ok: lost === 0, what: `${lost} of ${times} newer values lost` }
}

const seven: Readonly<Record<string, OpenInstance>> = {
  bentocache,
  cacheable,
  'cache-manager': cacheManager,
  'async-cache-dedupe': asyncCacheDedupe,
  'layered-loader': layeredLoader,
  '@epic-web/cachified': cachified,
}

function each(
  openers: Readonly<Record<string, OpenInstance>>,
  run: (open: OpenInstance) => Run,
): Record<string, Run> {
  return Object.fromEntries(Object.entries(openers).map(([name, open]) => [name, run(open)]))
}

export const races: readonly Trial[] = [
  {
    id: '1a',
    title: 'a load is not stored that began before its key was deleted',
    ours: staleFill(ours, 1),
    peers: each(seven, (open) => staleFill(open, 1)),
  },
  {
    id: '1b',
    title: 'the same where another process deletes it',
    ours: staleFill(ours, 2),
    peers: each(seven, (open) => staleFill(open, 2)),
  },
  {
    id: '2',
    title: 'what was missed while disconnected is recovered',
    ours: missed(ours),
    peers: each({ bentocache, cacheable }, missed),
  },
  {
    id: '3',
    title: 'two processes with 50 callers each load a key once',
    ours: stampede(ours),
    peers: each(seven, stampede),
  },
  {
    id: '4',
    title: '50 callers of a failing loader run it once',
    ours: failing(ours),
    peers: each({ bentocache, cacheable, 'cache-manager': cacheManager }, failing),
  },
  {
    id: '5',
    title: 'a tag that is invalidated during a load',
    ours: async ({ server }) => {
      const { url } = await server()
      const [one, other] = [await ourCaches(url), await ourCaches(url)]
      return tagged(
        (factory) => one.cache.getOrLoad('k', factory, { tags: ['t'] }),
        () => other.caches.invalidateTags(['t']),
      )
    },
    peers: {
      bentocache: async ({ server }) => {
        const { url } = await server()
        const [one, other] = [await openBento(url), await openBento(url)]
        return tagged(
          (factory) => one.getOrSet({ key: 'k', factory, tags: ['t'], ttl: 60_000 }),
          () => other.deleteByTag({ tags: ['t'] }),
        )
      },
    },
  },
  {
    id: '7',
    title: 'expire() does not undo a newer write of another process',
    ours: async ({ server }) => {
      const { url } = await server()
      const [one, other, third] = [await ourCaches(url), await ourCaches(url), await ourCaches(url)]
      return expired(
        (value) => other.cache.set('k', value),
        () => one.cache.expire('k'),
        async () => (await third.cache.getWithMeta('k'))?.value,
      )
    },
    peers: {
      bentocache: async ({ server }) => {
        const { url } = await server()
        const [one, other] = [await openBento(url), await openBento(url)]
        return expired(
          (value) => other.set({ key: 'k', value, ttl: 60_000, grace: '1h' }),
          () => one.expire({ key: 'k' }),
          async () => (await openBento(url)).get({ key: 'k', grace: '1h' }),
        )
      },
    },
  },
]
