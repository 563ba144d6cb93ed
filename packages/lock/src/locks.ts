import {
  CacheError,
  isCacheError,
  type Cache,
  type CacheKey,
  type Caches,
  type Loader,
  type StateStore,
} from '@cache/core'
import { HeldLock, type Lock } from './lock.ts'
import { lockEntry } from './lock-entry.ts'
import {
  lockTimes,
  refuseUnknown,
  type AcquireOptions,
  type LocksOptions,
  type LockTimes,
} from './lock-options.ts'
import { WaitingLine } from './waiting-line.ts'

/** Locks by name, the same for every process over the backend. */
export interface Locks {
  /**
   * Takes a lock, waiting while it is held. One round trip where it is free.
   *
   * @throws CacheError `LOCK_TIMEOUT`, `ABORTED`, `INVALID_KEY`, or what the backend says
   */
  acquire(name: string, options?: AcquireOptions): Promise<Lock>
  /** Takes a lock if it is free; `undefined` if it is not. One round trip. */
  tryAcquire(name: string, options?: Pick<AcquireOptions, 'ttl'>): Promise<Lock | undefined>
  /**
   * Runs `work` under a lock, and lets go of it afterwards. `work` is to stop when the lock's signal is aborted.
   *
   * @throws CacheError `LOCK_LOST` when the lock was lost before `work` ended, whatever that came to
   */
  withLock<T>(name: string, work: (lock: Lock) => Promise<T>, options?: AcquireOptions): Promise<T>
  /**
   * Looks into a cache, and loads under a lock of the key's own what is not there, after a second look: for loaders
   * that must not run twice even where a cache's lease would have ended. The value is stored as `getOrLoad` stores it.
   */
  loadLocked<V, K extends CacheKey>(
    cache: Cache<V, K>,
    key: K,
    loader: Loader<V>,
    options?: AcquireOptions,
  ): Promise<V | undefined>
}

/**
 * Makes locks over a backend.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`, `CACHE_CONFLICT`
 */
export function createLocks(caches: Caches, options: LocksOptions = {}): Locks {
  refuseUnknown(options, ['name', 'ttl', 'waitFor'], 'createLocks')
  const times = lockTimes(options)
  return new StoredLocks(caches.state(`lock:${options.name ?? 'locks'}`), times)
}

const longestName = 512

class StoredLocks implements Locks {
  readonly #state: StateStore
  readonly #times: LockTimes
  readonly #line: WaitingLine

  constructor(state: StateStore, times: LockTimes) {
    this.#state = state
    this.#times = times
    this.#line = new WaitingLine(state)
  }

  async acquire(name: string, options: AcquireOptions = {}): Promise<Lock> {
    refuseUnknown(options, ['ttl', 'waitFor', 'signal'], 'acquire')
    const { ttlMs, waitForMs } = lockTimes(options, this.#times)
    const key = lockKey(name)
    const { signal } = options
    const untilMs = this.#state.clock.monotonicMs() + waitForMs
    return this.#line.wait(key, { untilMs, signal, attempt: () => this.#attempt(name, key, ttlMs) })
  }

  async tryAcquire(name: string, options: Pick<AcquireOptions, 'ttl'> = {}): Promise<Lock | undefined> {
    refuseUnknown(options, ['ttl'], 'tryAcquire')
    const { ttlMs } = lockTimes(options, this.#times)
    return this.#attempt(name, lockKey(name), ttlMs)
  }

  async withLock<T>(name: string, work: (lock: Lock) => Promise<T>, options?: AcquireOptions): Promise<T> {
    await using lock = await this.acquire(name, options)
    const outcome = await work(lock)
    lock.assertHeld()
    return outcome
  }

  async loadLocked<V, K extends CacheKey>(
    cache: Cache<V, K>,
    key: K,
    loader: Loader<V>,
    options?: AcquireOptions,
  ): Promise<V | undefined> {
    const found = await cache.get(key)
    if (found !== undefined) return found
    const name = `load:${cache.name}:${[key].flat().join(':')}`
    return this.withLock(name, () => cache.getOrLoad(key, loader), options)
  }

  async #attempt(name: string, key: string, ttlMs: number): Promise<Lock | undefined> {
    const { clock, entries, newId } = this.#state
    const revision = newId()
    const entry = lockEntry(this.#state, revision, ttlMs)
    const sentAtMs = clock.monotonicMs()
    try {
      const { outcomes, stamp } = await entries.change([
        { kind: 'set', key, entry, when: { kind: 'absent' } },
      ])
      if (outcomes[0] !== 'applied') return undefined
      const grant = { key, revision, token: stamp.sequence, ttlMs, sentAtMs }
      return new HeldLock(this.#state, name, grant, () => this.#line.wake(key))
    } catch (error) {
      if (isCacheError(error, 'BACKEND_TIMEOUT')) this.#forget(key, revision)
      throw error
    }
  }

  /** The lock may have been got, and nobody would hold it. */
  #forget(key: string, revision: string): void {
    const when = { kind: 'revision', revision } as const
    void this.#state.entries.change([{ kind: 'delete', key, when }]).catch(() => undefined)
  }
}

function lockKey(name: string): string {
  if (typeof name === 'string' && name.length > 0 && name.length <= longestName && name.isWellFormed())
    return name
  throw new CacheError('INVALID_KEY', `The name of a lock is a text of 1 to ${longestName} characters`)
}
