// A process of one version: opens caches at an address, and does what it is told to, line by line.
import { createInterface } from 'node:readline'
import process from 'node:process'
import type { Address } from '@cache/tooling-backends'
import type * as Present from './library.ts'

type Library = typeof Present
export type Version = 'previous' | 'current'

export interface MemberPlan {
  readonly version: Version
  readonly address: Address
  /** `false`: every read asks the backend. */
  readonly l1: boolean
}

export type Order =
  | { readonly do: 'set' | 'getOrLoad'; readonly key: string; readonly value: unknown }
  | { readonly do: 'get' | 'delete' | 'increment' | 'lock' | 'unlock' | 'consume'; readonly key: string }
  | { readonly do: 'tag'; readonly key: string }
  | { readonly do: 'clear' | 'stats' | 'end' }
  | { readonly do: 'signIn'; readonly key: string }
  | { readonly do: 'session'; readonly key: string }

const [, , planText = ''] = process.argv
const plan = JSON.parse(planText) as MemberPlan
const library = await load(plan.version)
const caches = await library.createCaches({
  backend: open(library, plan.address),
  protection: library.encryption({ keys: () => Buffer.alloc(32, 7) }),
  ...(plan.l1 ? { l1: library.memory() } : {}),
})
const plain = caches.define<unknown>('plain', { ttl: '1h', ...(plan.l1 ? {} : { l1: false }) })
const secret = caches.define<unknown>('auth', { ttl: '1h', ...(plan.l1 ? {} : { l1: false }) })
const numbers = caches.define<number>('numbers', { ttl: '1h', ...(plan.l1 ? {} : { l1: false }) })
const locks = library.createLocks(caches, { ttl: '10m' })
const limit = library.rateLimiter(caches, { name: 'limit', rules: { limit: 20, per: '1h' } })
const sessions = library.createSessions(caches)
const held = new Map<string, { release(): Promise<boolean> }>()

/** Secrets lie in a cache of their own, by the names of their keys. */
const cacheOf = (key: string): typeof plain => (key.startsWith('secret') ? secret : plain)
/** Every key has a tag of its own, and one with those that end in the same digit. */
const tagsOf = (key: string): string[] => [`tag:${key.at(-1)}`, `of:${key}`]

process.stdout.write('"ready"\n')
for await (const line of createInterface({ input: process.stdin })) {
  if ((JSON.parse(line) as Order).do === 'end') break
  const answer = await follow(JSON.parse(line) as Order).catch((error: unknown) => ({ error: String(error) }))
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`)
}
await caches.close()
process.stdin.destroy()

async function load(version: Version): Promise<Library> {
  if (version === 'current') return import('./library.ts')
  const file = new URL('../previous/library.js', import.meta.url)
  return import(file.href) as Promise<Library>
}

function open({ sqlite, redis }: Library, address: Address): ReturnType<Library['sqlite']> {
  if (address.kind === 'sqlite') return sqlite({ directory: address.directory, lockTimeout: '30s' })
  if (address.kind === 'redis' && 'url' in address) return redis({ url: address.url, commandTimeout: '20s' })
  throw new Error('A member opens SQLite or one Redis')
}

async function follow(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'set':
      return cacheOf(order.key).set(order.key, order.value, { tags: tagsOf(order.key) })
    case 'getOrLoad':
      return cacheOf(order.key).getOrLoad(order.key, () => order.value, { tags: tagsOf(order.key) })
    case 'get':
      return cacheOf(order.key).get(order.key)
    case 'delete':
      return cacheOf(order.key).delete(order.key)
    case 'tag':
      return caches.invalidateTags([order.key])
    case 'clear':
      return caches.clear()
    case 'increment':
      return numbers.increment(order.key)
    case 'consume':
      return (await limit.consume(order.key)).allowed
    case 'lock':
      return take(order.key)
    case 'unlock':
      return held.get(order.key)?.release()
    case 'signIn':
      return sessions.create({ userId: order.key, at: new Date(0) })
    case 'session':
      return (await sessions.load(order.key))?.data
    case 'stats':
      return caches.stats().caches.map(({ cache, errors, forgeries }) => ({ cache, errors, forgeries }))
    default:
      throw new Error('There is no such order')
  }
}

async function take(name: string): Promise<boolean> {
  const lock = await locks.tryAcquire(name)
  if (lock) held.set(name, lock)
  return lock !== undefined
}
