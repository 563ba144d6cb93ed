import { CacheError } from '../errors/cache-error.ts'
import type { Change, Condition } from '../ports/backend.ts'
import type { Ttl } from '../time/ttl.ts'
import { ttlOf } from '../time/ttl.ts'
import { newEntry, type CacheContext } from './cache-context.ts'
import type { EntryReader, FoundEntry } from './entry-reader.ts'
import type { EntryWriter } from './entry-writer.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { validated } from './schema.ts'

/** What a read-modify-write may decide beside the value. */
export interface UpdateOptions<V> {
  /** Default: what remains of the entry's time, or the cache's TTL for a new entry. */
  readonly ttl?: Ttl<V> | undefined
  /** Default: the entry's tags. */
  readonly tags?: readonly string[] | undefined
}

/** Attempts against other processes before `CONFLICT`; calls of this process queue and do not conflict. */
const attempts = 64
const longestPauseMs = 20

/** Read-modify-write that loses no concurrent write: compare-and-set on the entry's revision, tried again. */
export class AtomicOperations<V> {
  readonly #context: CacheContext<V>
  readonly #reader: EntryReader<V>
  readonly #writer: EntryWriter<V>
  readonly #queue = new KeyedQueue()

  constructor(context: CacheContext<V>, reader: EntryReader<V>, writer: EntryWriter<V>) {
    this.#context = context
    this.#reader = reader
    this.#writer = writer
  }

  /**
   * Writes what `change` makes of the fresh value; `undefined` from it leaves the entry as it is. `change` may run
   * several times.
   *
   * @throws CacheError `CONFLICT` after 64 lost attempts; what `change` throws
   */
  update(
    storedKey: string,
    change: (current: V | undefined) => V | undefined | Promise<V | undefined>,
    options: UpdateOptions<V>,
  ): Promise<V | undefined> {
    return this.#queue.run(storedKey, async () => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const done = await this.#attempt(storedKey, change, options)
        if (done) return done.value
        await this.#pause(attempt)
      }
      throw new CacheError(
        'CONFLICT',
        `An update lost ${attempts} times against other writers; try again later`,
      )
    })
  }

  /** Stores a value if the entry is still what the condition says. */
  async setIf(storedKey: string, value: V, when: Condition, options: UpdateOptions<V>): Promise<boolean> {
    const change = await this.#writer.setChange(storedKey, value, options, when)
    return this.#applied(change)
  }

  deleteIf(storedKey: string, revision: string): Promise<boolean> {
    return this.#applied({ kind: 'delete', key: storedKey, when: { kind: 'revision', revision } })
  }

  async #attempt(
    storedKey: string,
    change: (current: V | undefined) => V | undefined | Promise<V | undefined>,
    options: UpdateOptions<V>,
  ): Promise<{ readonly value: V | undefined } | undefined> {
    const sentMs = this.#context.clock.monotonicMs()
    const [found] = await this.#reader.read([storedKey])
    const fresh = found && found.freshForMs > 0 ? found : undefined
    const next = await change(fresh?.value)
    if (next === undefined) return { value: fresh?.value }
    const set = await this.#setChange(storedKey, next, { found, fresh, sentMs, options })
    return (await this.#applied(set)) ? { value: next } : undefined
  }

  async #setChange(storedKey: string, next: V, from: Basis<V>): Promise<Change> {
    const { found, fresh, sentMs, options } = from
    const { policy, name, clock } = this.#context
    const checked = policy.schema ? await validated(policy.schema, next, name) : next
    const when: Condition = found ? { kind: 'revision', revision: found.revision } : { kind: 'absent' }
    const ttl = options.ttl === undefined ? undefined : ttlOf<V>(options.ttl, 'ttl')
    const elapsedMs = clock.monotonicMs() - sentMs
    const freshForMs =
      fresh && !ttl ? fresh.freshForMs - elapsedMs : (ttl ?? policy.ttl)(clock.wallMs(), checked)
    if (freshForMs <= 0) return { kind: 'delete', key: storedKey, when: found && when }
    const entry = newEntry(this.#context, storedKey, checked, {
      freshForMs,
      keptForMs: freshForMs + policy.loading.staleForMs,
      ageMs: 0,
      loadMs: 0,
      tags: options.tags ?? fresh?.tags ?? [],
      version: fresh?.version,
    })
    return { kind: 'set', key: storedKey, entry, when }
  }

  async #applied(change: Change): Promise<boolean> {
    const [outcome] = await this.#writer.apply([change])
    return outcome === 'applied'
  }

  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#context
    await new Promise<void>((resolve) => {
      clock.setTimer(random() * Math.min(2 ** attempt, longestPauseMs), resolve)
    })
  }
}

interface Basis<V> {
  /** The entry that is there, fresh or stale. */
  readonly found: FoundEntry<V> | undefined
  readonly fresh: FoundEntry<V> | undefined
  readonly sentMs: number
  readonly options: UpdateOptions<V>
}
