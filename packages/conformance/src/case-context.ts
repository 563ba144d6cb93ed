import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@cache/core'
import type {
  BackendContext,
  CacheBackend,
  Clock,
  EntryStore,
  Eviction,
  Lease,
  LeaseRequest,
  StoreOptions,
} from '@cache/core'
import type { BackendFixture, BackendHarness } from './backend-harness.ts'
import { ManualClock } from './manual-clock.ts'

/** Timers of the machine may fire a little before their time. */
const timerSlackMs = 20

/** What a case is given: a started backend of its own and a way to let time pass. */
export class CaseContext {
  readonly harness: BackendHarness
  readonly backend: CacheBackend
  readonly clock: Clock
  /** What the stores of this case reported. */
  readonly evictions: Eviction[] = []
  readonly #fixture: BackendFixture
  readonly #manualClock: ManualClock | undefined
  readonly #opened: CacheBackend[] = []

  private constructor(harness: BackendHarness, fixture: BackendFixture) {
    this.harness = harness
    this.#fixture = fixture
    this.backend = fixture.backend
    this.#manualClock = harness.time === 'injected' ? new ManualClock() : undefined
    this.clock = this.#manualClock ?? systemClock
  }

  static async open(harness: BackendHarness): Promise<CaseContext> {
    const context = new CaseContext(harness, await harness.create())
    await context.#start(context.backend)
    return context
  }

  /** A short time to live that a case can afford to wait for. */
  get shortMs(): number {
    return this.#manualClock ? 100 : 250
  }

  /** A store of `backend`, or of the one given. */
  store(options: Partial<StoreOptions> = {}, backend: CacheBackend = this.backend): EntryStore {
    return backend.store({
      cache: 'cases',
      version: 1,
      maxEntries: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
      onEvict: (eviction) => void this.evictions.push(eviction),
      ...options,
    })
  }

  /** Lets at least this much time pass. */
  async pass(ms: number): Promise<void> {
    if (this.#manualClock) await this.#manualClock.advanceAsync(ms)
    else await sleep(ms + timerSlackMs)
  }

  /** Steps the wall clock alone; needs `'injected-time'`. */
  stepWall(ms: number): void {
    this.#manualClock?.stepWall(ms)
  }

  /** A second backend over the same storage, started; needs `'shared'`. */
  async second(): Promise<CacheBackend> {
    if (!this.#fixture.second)
      throw new Error(`${this.harness.name}: a shared backend's fixture needs second()`)
    return this.#start(await this.#fixture.second())
  }

  /** Closes the backend and opens its storage anew; needs `'persistent'`. */
  async reopen(): Promise<CacheBackend> {
    if (!this.#fixture.reopen)
      throw new Error(`${this.harness.name}: a persistent backend's fixture needs reopen()`)
    await this.backend.close()
    return this.#start(await this.#fixture.reopen())
  }

  /** Closes the backend and begins anew without anything of what it held; needs `'loses'`. */
  async lose(): Promise<CacheBackend> {
    if (!this.#fixture.lose) throw new Error(`${this.harness.name}: the fixture needs lose()`)
    await this.backend.close()
    return this.#start(await this.#fixture.lose())
  }

  async close(): Promise<void> {
    for (const backend of this.#opened) await backend.close()
    await this.#fixture.cleanup()
  }

  async #start(backend: CacheBackend): Promise<CacheBackend> {
    this.#opened.push(backend)
    const context: BackendContext = { prefix: 'conformance', clock: this.clock, report: () => {} }
    await backend.start(context)
    return backend
  }
}

/** How a case asks for a lease: with a token of its own, for a minute unless told otherwise. */
export function leaseRequest(fields: Partial<LeaseRequest> = {}): LeaseRequest {
  return { token: randomUUID(), leaseMs: 60_000, ...fields }
}

/** A lease on a key; fails if the store answers otherwise. */
export async function leaseOn(
  store: EntryStore,
  key: string,
  fields: Partial<LeaseRequest> = {},
): Promise<Lease> {
  const reply = await store.acquire(key, leaseRequest(fields))
  if ((reply.kind === 'lease' || reply.kind === 'stale') && reply.lease) return reply.lease
  throw new Error(`expected a lease, got '${reply.kind}'${reply.kind === 'stale' ? ' without one' : ''}`)
}
