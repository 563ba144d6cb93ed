import { CacheError, type Change, type ChangeOutcome, type Condition } from '@cache/ports'
import type { Ttl } from '../time/ttl.ts'
import type { CacheContext } from './cache-context.ts'
import type { EntryReader, FoundEntry } from './entry-reader.ts'
import type { EntryWriter } from './entry-writer.ts'
import { KeyedQueue } from './keyed-queue.ts'

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
      throw lostTooOften()
    })
  }

  /** Stores a value if the entry is still what the condition says. */
  async setIf(storedKey: string, value: V, when: Condition, options: UpdateOptions<V>): Promise<boolean> {
    const change = this.#writer.setChange(storedKey, await this.#writer.checked(value), options, when)
    return (await this.#apply(change)) === 'applied'
  }

  async deleteIf(storedKey: string, revision: string): Promise<boolean> {
    const when = { kind: 'revision', revision } as const
    return (await this.#apply({ kind: 'delete', key: storedKey, when })) === 'applied'
  }

  /**
   * Seals an entry anew with another fresh time, for times that are sealed in. As a change of kind `expire`, which
   * would not reach beyond the sealed times. Two round trips.
   */
  expireSealed(storedKey: string, freshForMs: number, revision: string | undefined): Promise<boolean> {
    return this.#queue.run(storedKey, async () => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const [found] = await this.#reader.read([storedKey])
        if (!found || (revision !== undefined && found.revision !== revision)) return false
        if ((await this.#apply(this.#writer.rewrite(storedKey, found, { freshForMs }))) === 'applied')
          return true
        await this.#pause(attempt)
      }
      throw lostTooOften()
    })
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
    const write = this.#change(storedKey, await this.#writer.checked(next), { found, fresh, sentMs, options })
    const outcome = write && (await this.#apply(write))
    return outcome === 'applied' || outcome === 'absent' ? { value: next } : undefined
  }

  /** `undefined` when the entry's time ended while its new value was worked out: it is to be read again. */
  #change(storedKey: string, next: V, from: Basis<V>): Change | undefined {
    const { found, fresh, sentMs, options } = from
    const { clock } = this.#context
    const when: Condition = found ? { kind: 'revision', revision: found.revision } : { kind: 'absent' }
    const attributes = { tags: options.tags ?? fresh?.tags ?? [], version: fresh?.version }
    if (!fresh || options.ttl !== undefined) {
      return this.#writer.setChange(storedKey, next, { ...attributes, ttl: options.ttl }, when)
    }
    const freshForMs = fresh.freshForMs - (clock.monotonicMs() - sentMs)
    if (freshForMs <= 0) return undefined
    return {
      kind: 'set',
      key: storedKey,
      entry: this.#writer.entryOf(storedKey, next, freshForMs, attributes),
      when,
    }
  }

  async #apply(change: Change): Promise<ChangeOutcome | undefined> {
    const [outcome] = await this.#writer.apply([change])
    return outcome
  }

  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#context
    await new Promise<void>((resolve) => {
      clock.setTimer(random() * Math.min(2 ** attempt, longestPauseMs), resolve)
    })
  }
}

function lostTooOften(): CacheError {
  return new CacheError('CONFLICT', `An update lost ${attempts} times against other writers; try again later`)
}

interface Basis<V> {
  /** The entry that is there, fresh or stale. */
  readonly found: FoundEntry<V> | undefined
  readonly fresh: FoundEntry<V> | undefined
  readonly sentMs: number
  readonly options: UpdateOptions<V>
}
