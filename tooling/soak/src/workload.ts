import { setImmediate } from 'node:timers/promises'
import { createCaches, type CacheBackend, type Caches } from '@cache/core'
import { encryption } from '@cache/crypto'
import { inProcess } from '@cache/invalidation'
import { createLocks } from '@cache/lock'
import { memory } from '@cache/memory'
import { rateLimiter } from '@cache/rate-limit'
import { createSessions } from '@cache/session'

const keysOfRound = 100
/** Users, tags, locks and keys of loads come again after so many rounds: what is kept for each, for a while, is no leak. */
const period = 20

/** Caches with everything that has timers, queues, maps or connections. */
export function openAll(backend: CacheBackend): Promise<Caches> {
  return createCaches({
    backend,
    ...(backend.name === 'memory' ? {} : { l1: memory({ maxBytes: '4mb' }) }),
    protection: encryption({ keys: () => Buffer.alloc(32, 5) }),
    ...(backend.name === 'sqlite' ? { transport: inProcess() } : {}),
  })
}

/** What is made of the caches once, and used in every round. */
export class Workload {
  readonly #caches: Caches
  readonly #values
  readonly #secrets
  readonly #locks
  readonly #limit
  readonly #sessions

  constructor(caches: Caches) {
    this.#caches = caches
    const loading = { staleFor: '1s', negativeTtl: '50ms', refreshAhead: true } as const
    this.#values = caches.define<object>('values', { ttl: '100ms', maxEntries: 500, loading })
    this.#secrets = caches.define<string>('auth', { ttl: '1m', maxEntries: 50 })
    this.#locks = createLocks(caches)
    this.#limit = rateLimiter(caches, { name: 'limit', rules: { limit: 10, per: '50ms' }, maxKeys: 500 })
    this.#sessions = createSessions(caches, { maxSessions: 100 })
  }

  /** Keys of their own for each round, so that whatever is kept for a key adds up beyond the limits. */
  async run(round: number): Promise<void> {
    const turn = round % period
    const keys = Array.from({ length: keysOfRound }, (_, index) => ['round', round, index])
    await this.#values.setMany(
      keys.map((key) => [key, { round }] as const),
      { tags: [`turn:${turn}`] },
    )
    const again = keys.map((_key, index) => ['turn', turn, index])
    await Promise.all(again.map((key) => this.#values.getOrLoad([...key, 'loaded'], load)))
    await Promise.allSettled(again.map((key) => this.#values.getOrLoad([...key, 'failing'], fail)))
    await Promise.allSettled(again.map((key) => this.#abandoned([...key, 'abandoned'])))
    await this.#values.getMany(keys)
    await this.#values.update(['round', round, 0], (value) => value)
    await this.#caches.invalidateTags([`turn:${turn}`, `unused:${turn}`])
    await this.#states(round)
  }

  async #states(round: number): Promise<void> {
    const turn = round % period
    await this.#secrets.set(['user', round], 'a secret')
    await this.#secrets.get(['user', round])
    await this.#locks.withLock(`lock:${turn}`, () => setImmediate())
    await this.#limit.consume(`user:${turn}`)
    const id = await this.#sessions.create({ userId: turn })
    await this.#sessions.load(id)
    await this.#sessions.revokeUser(turn)
  }

  /** A caller that goes away while its load runs. */
  async #abandoned(key: readonly (string | number)[]): Promise<void> {
    const controller = new AbortController()
    const waiting = this.#values.getOrLoad(key, () => setImmediate({}), { signal: controller.signal })
    controller.abort()
    await waiting
  }
}

async function load(): Promise<object | undefined> {
  await setImmediate()
  return { loaded: true }
}

async function fail(): Promise<never> {
  await setImmediate()
  throw new Error('the source is away')
}
