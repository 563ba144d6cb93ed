import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { prometheus } from '@cache/metrics'
import { redis } from '@cache/redis'
import { createSessions } from '@cache/session'
import { TcpProxy } from '@cache/tooling-servers'
import { Registry } from 'prom-client'
import { sleep, type Outcome, type Trial } from '../trial.ts'

const secretKey = 'user-42-private'

async function labelled(registry: Registry): Promise<Outcome> {
  const isThere = (await registry.metrics()).includes(secretKey)
  return { ok: !isThere, what: isThere ? 'a label holds the key' : 'no label holds the key' }
}

/** A call that comes while the probe of a half-open breaker hangs. */
async function whileItHangs(call: () => Promise<unknown>): Promise<Outcome> {
  const late = Symbol('late')
  const first = await Promise.race([call().catch(() => undefined), sleep(300).then(() => late)])
  return { ok: first !== late, what: first === late ? 'waits for the probe' : 'does not wait for the probe' }
}

interface SessionStore {
  get(id: string, done: (error: unknown, data: object) => void): void
  set(id: string, data: object, done: () => void): void
}

/** What frameworks, metrics and breakers make of a cache. */
export const frames: readonly Trial[] = [
  {
    id: '22',
    title: 'labels of metrics hold no keys',
    ours: async () => {
      const caches = await createCaches({ backend: memory() })
      const registry = new Registry()
      await prometheus(caches, { registry })
      const cache = caches.define<number>('values')
      await cache.getOrLoad(secretKey, () => 1)
      await cache.get(secretKey)
      return labelled(registry)
    },
    peers: {
      bentocache: async () => {
        const { BentoCache, bentostore } = await import('bentocache')
        const { memoryDriver } = await import('bentocache/drivers/memory')
        const { prometheusPlugin } = await import('@bentocache/plugin-prometheus')
        const registry = new Registry()
        const bento = new BentoCache({
          default: 'l1',
          stores: { l1: bentostore().useL1Layer(memoryDriver({ maxItems: 10 })) },
          plugins: [prometheusPlugin({ registry })],
        })
        await bento.getOrSet({ key: secretKey, factory: () => 1, ttl: 60_000 })
        await bento.get({ key: secretKey })
        return labelled(registry)
      },
    },
  },
  {
    id: '25',
    title: 'two requests at once lose no change of a session',
    ours: async () => {
      const sessions = createSessions(await createCaches({ backend: memory() }), {
        secrets: 'only for this trial, 32 characters or more',
      })
      const id = await sessions.create({ a: 0, b: 0 })
      const [one, other] = [await sessions.load(id), await sessions.load(id)]
      await sessions.save(id, { ...one?.data, a: 1 }, { loaded: one })
      await sessions.save(id, { ...other?.data, b: 1 }, { loaded: other })
      const { a, b } = (await sessions.load(id))?.data ?? {}
      return { ok: a === 1 && b === 1, what: `a: ${String(a)}, b: ${String(b)}` }
    },
    peers: {
      'express-session': async () => {
        // @ts-expect-error it has no types of its own
        const { default: session } = await import('express-session')
        const store = new session.MemoryStore() as SessionStore
        const get = (): Promise<Record<string, unknown>> =>
          new Promise((resolve) => store.get('id', (_error, data) => resolve({ ...data })))
        const set = (data: object): Promise<void> =>
          new Promise((resolve) => store.set('id', data, () => resolve()))
        await set({ cookie: {}, a: 0, b: 0 })
        const [one, other] = [await get(), await get()]
        await set({ ...one, a: 1 })
        await set({ ...other, b: 1 })
        const { a, b } = await get()
        return { ok: a === 1 && b === 1, what: `a: ${String(a)}, b: ${String(b)}` }
      },
    },
  },
  {
    id: '26',
    title: 'callers do not wait for the probe of a half-open breaker that hangs',
    ours: async ({ server }) => {
      const proxy = await TcpProxy.start((await server()).port)
      const caches = await createCaches({
        backend: redis({ url: proxy.url, commandTimeout: 2000 }),
        resilience: { commandTimeout: 2000, openFor: 100 },
      })
      const cache = caches.define<string>('values')
      proxy.behave({ requests: { mode: 'hold' } })
      for (let call = 0; call < 10; call++) await Promise.all([cache.get(`${call}`), cache.get(`+${call}`)])
      await sleep(200)
      const probe = cache.get('probe').catch(() => undefined)
      const outcome = await whileItHangs(() => cache.get('k'))
      void probe
      return outcome
    },
    peers: {
      cockatiel: async () => {
        const { circuitBreaker, ConsecutiveBreaker, handleAll } = await import('cockatiel')
        const policy = circuitBreaker(handleAll, {
          halfOpenAfter: 50,
          breaker: new ConsecutiveBreaker(1),
        })
        await policy.execute(() => Promise.reject(new Error('no'))).catch(() => undefined)
        await sleep(80)
        void policy.execute(() => new Promise<never>(() => undefined))
        return whileItHangs(() => policy.execute(async () => 'v'))
      },
    },
  },
]
