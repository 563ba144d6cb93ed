import {
  localEntry,
  type Change,
  type ChangeOutcome,
  type ChangeReply,
  type Condition,
  type NewEntry,
} from '@cache/ports'
import { channels, type ChangeEvent } from '../events/channels.ts'
import type { Loading } from '../loading/loading.ts'
import { jittered } from '../loading/load-run.ts'
import { patternOf } from '../keys/tags.ts'
import { ttlOf, type Ttl } from '../time/ttl.ts'
import { newEntry, type CacheContext, type EntryAttributes } from './cache-context.ts'
import type { FoundEntry } from './entry-reader.ts'
import { invalidationOf } from './change-invalidation.ts'
import type { LocalCache } from './local-cache.ts'
import type { LocalPosition } from './store-follower.ts'
import { validated } from './schema.ts'

/** What one write may decide beside the value. */
export interface WriteOptions<V> {
  readonly ttl?: Ttl<V> | undefined
  readonly tags?: readonly string[] | undefined
  /** The source's own version of the value: an entry with a higher one is not replaced. */
  readonly version?: number | undefined
}

const noTags: readonly string[] = []

/** Writes and invalidates, and keeps L1 and the loads of this process in step. */
export class EntryWriter<V> {
  readonly #context: CacheContext<V>
  readonly #loading: Loading<V>

  constructor(context: CacheContext<V>, loading: Loading<V>) {
    this.#context = context
    this.#loading = loading
  }

  /** The value as the schema gives it out; only a schema makes it wait. Rejects with `VALIDATION_FAILED`. */
  checked(value: V): V | Promise<V> {
    const { policy } = this.#context
    return policy.schema ? validated(policy.schema, value, this.#context) : value
  }

  /**
   * The change that stores a checked value; a TTL of 0 makes it a deletion.
   *
   * @throws CacheError `INVALID_VALUE`, `VALUE_TOO_LARGE`, `INVALID_TTL`
   */
  setChange(storedKey: string, value: V, options: WriteOptions<V>, when?: Condition): Change {
    const { policy, clock, random } = this.#context
    const ttl = options.ttl === undefined ? policy.ttl : ttlOf<V>(options.ttl, 'ttl')
    const freshForMs = jittered(
      ttl(() => clock.wallMs(), value),
      policy.loading.jitter,
      random,
    )
    if (freshForMs === 0) return { kind: 'delete', key: storedKey, when }
    const attributes = { tags: options.tags ?? noTags, version: options.version }
    return {
      kind: 'set',
      key: storedKey,
      entry: this.entryOf(storedKey, value, freshForMs, attributes),
      when,
    }
  }

  /** A new entry of an explicit write: its age begins now. */
  entryOf(storedKey: string, value: V, freshForMs: number, attributes: EntryAttributes): NewEntry {
    const keptForMs = freshForMs + this.#context.policy.loading.staleForMs
    const { tags, version } = attributes
    const details = { freshForMs, keptForMs, ageMs: 0, loadMs: 0, tags, version }
    return newEntry(this.#context, storedKey, value, details)
  }

  /** The change that writes an entry anew as it was read, with other times if they are given. */
  rewrite(storedKey: string, found: FoundEntry<V>, times: { readonly freshForMs?: number } = {}): Change {
    const { value, ageMs, loadMs, tags, version, revision } = found
    const freshForMs = times.freshForMs ?? found.freshForMs
    const keptForMs =
      times.freshForMs === undefined ? found.keptForMs : freshForMs + this.#context.policy.loading.staleForMs
    const details = { freshForMs, keptForMs, ageMs, loadMs, tags, version }
    const entry = newEntry(this.#context, storedKey, value, details)
    return { kind: 'set', key: storedKey, entry, when: { kind: 'revision', revision } }
  }

  /**
   * Applies changes, tells L1 of them and keeps written values in it. Loads under way take no more callers.
   *
   * @throws CacheError when the backend did not acknowledge them; L1 is empty then
   */
  async apply(changes: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    const { local, store } = this.#context
    this.#closeFlights(changes)
    // Not waited for: the times of the entries count from now.
    if (local && !local.ready) void local.sync()
    const sent = { fromMs: this.#context.clock.monotonicMs(), touches: local?.touches ?? 0 }
    try {
      const reply = await store.change(changes)
      this.#context.packer.sealer?.noteChanges(changes, reply.outcomes)
      if (local && !store.local) this.#updateLocal(local, changes, reply, sent)
      this.#count(changes, reply.outcomes)
      return reply.outcomes
    } catch (error) {
      this.forgetLocal()
      throw error
    } finally {
      this.#closeFlights(changes)
    }
  }

  /** What this process holds may be void: nobody knows whether a change was made. */
  forgetLocal(): void {
    const { local, store } = this.#context
    if (!store.local) local?.reset()
  }

  #closeFlights(changes: readonly Change[]): void {
    if (this.#loading.flights.idle) return
    for (const change of changes) {
      if ('key' in change) this.#loading.flights.close(change.key)
      else this.#loading.flights.closeAll()
    }
  }

  #updateLocal(local: LocalCache, changes: readonly Change[], reply: ChangeReply, sent: SentChange): void {
    const { epoch, sequence } = reply.stamp
    for (const [index, change] of changes.entries()) {
      const exact = reply.sequences?.[index]
      local.noteOwn(epoch, invalidationOf(change, exact ?? sequence), exact !== undefined)
    }
    local.observe(reply.stamp, sent.fromMs)
    for (const [index, change] of changes.entries()) {
      if (change.kind === 'set' && reply.outcomes[index] === 'applied')
        this.#keep(local, change, { epoch, sequence, ...sent })
    }
  }

  #keep(local: LocalCache, change: SetChange, from: LocalPosition & SentChange): void {
    const { packer, policy } = this.#context
    const { key, entry } = change
    if (!policy.local || entry.freshForMs <= 0) return
    const packed = packer.keepWritten(entry, key)
    const { fromMs, sequence } = from
    const facts = { ...packed, fromMs, sequence, coherent: true, maxFreshMs: local.ttlMs(policy.local.ttlMs) }
    local.put(key, localEntry(key, entry, facts), from)
  }

  #count(changes: readonly Change[], outcomes: readonly ChangeOutcome[]): void {
    const { stats } = this.#context
    for (let index = 0; index < changes.length; index++) {
      const change = changes[index] as Change
      if (change.kind === 'set') stats.writes++
      else if (change.kind === 'clear') stats.clears++
      else if (change.kind === 'tags') stats.tagInvalidations += patternIn(change) === undefined ? 1 : 0
      else if (change.kind === 'delete') {
        stats.deletes++
        if (outcomes[index] === 'applied') stats.keysDeleted++
      }
      this.#publish(change)
    }
  }

  #publish(change: Change): void {
    if (!channels['cache:change'].hasSubscribers) return
    const { prefix, name } = this.#context
    const pattern = patternIn(change)
    const event = pattern === undefined ? told(change) : ({ change: 'pattern', names: [pattern] } as const)
    channels['cache:change'].publish({ prefix, cache: name, ...event })
  }
}

type SetChange = Change & { readonly kind: 'set' }

/** When a change was sent, and how often entries had been touched then. */
interface SentChange {
  readonly fromMs: number
  readonly touches: number
}

function told(change: Change): Pick<ChangeEvent, 'change' | 'names'> {
  if (change.kind === 'clear') return { change: change.kind, names: [] }
  return { change: change.kind, names: change.kind === 'tags' ? change.tags : [change.key] }
}

/** The pattern whose deletion the change tells of. */
function patternIn(change: Change): string | undefined {
  return change.kind === 'tags' ? patternOf(change.tags[0] ?? '') : undefined
}
