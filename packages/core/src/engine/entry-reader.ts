import {
  isBackendError,
  isCacheError,
  localEntry,
  valueFormat as format,
  type LocalEntry,
  type StoredEntry,
} from '@cache/ports'
import { freezeParsed, freezeShared } from '../codec/freeze.ts'
import { countRead, reportFailure, type CacheContext } from './cache-context.ts'
import type { Packed } from './packer.ts'
import type { LocalPosition } from './store-follower.ts'
import { validated } from './schema.ts'

/** An entry, fresh or stale, with its value. Durations count from the moment it was read. */
export interface FoundEntry<V> {
  /** `undefined` for a negative entry: the loader found nothing. */
  readonly value: V | undefined
  readonly source: 'l1' | 'l2'
  /** Remaining fresh time; 0 or less when stale. */
  readonly freshForMs: number
  readonly keptForMs: number
  /** Time since the load of it began. */
  readonly ageMs: number
  readonly loadMs: number
  readonly revision: string
  readonly version: number | undefined
  readonly tags: readonly string[]
}

/** A forged entry, which is deleted by now: it is to be asked for again. */
export const removed: unique symbol = Symbol('removed')

type Accepted<V> = FoundEntry<V> | typeof removed | undefined

/** When a command was sent, and where the local tier stood then. */
export interface Sent {
  readonly atMs: number
  readonly position: LocalPosition | undefined
}

interface ReadFrom {
  readonly sent: Sent
  /** Every change up to it is reflected in what was read. */
  readonly sequence: number
}

/** Nothing is kept in this process, so that nobody asks when a command was sent. */
const sentWithoutLocal: Sent = { atMs: 0, position: undefined }

/** Reads entries through the tiers and keeps in L1 what came from L2. */
export class EntryReader<V> {
  readonly #context: CacheContext<V>
  readonly #keepsLocally: boolean
  /** Reads past L1. Who asks for the same meanwhile waits for what L1 then holds, by the rules of L1. */
  readonly #underWay = new Map<string, Promise<FoundEntry<V> | 'away' | undefined>>()

  constructor(context: CacheContext<V>) {
    this.#context = context
    const { local, store, policy } = context
    this.#keepsLocally = local !== undefined && !store.local && policy.local !== undefined
  }

  /** The fresh value, or `undefined`; a backend that fails is a miss. Counts the read. */
  async get(storedKey: string): Promise<V | undefined> {
    const local = this.#localHit(storedKey)
    if (local) return local.value
    const underWay = this.#underWay.get(storedKey)
    if (underWay) {
      if ((await underWay) === 'away') return this.#getAlone(storedKey)
      const kept = this.#localHit(storedKey)
      if (kept) return kept.value
    }
    const found = await (this.#keepsLocally ? this.#readForAll(storedKey) : this.#readOne(storedKey))
    if (found === 'away') return this.#getAlone(storedKey)
    return this.#countFresh(storedKey, found)?.value
  }

  /** Values in the order of the keys; one round trip for those that L1 does not serve. Counts each read. */
  async getMany(storedKeys: readonly string[]): Promise<(V | undefined)[]> {
    const values: (V | undefined)[] = Array.from({ length: storedKeys.length })
    const missing: number[] = []
    for (const [index, key] of storedKeys.entries()) {
      const local = this.#localHit(key)
      if (local) values[index] = local.value
      else missing.push(index)
    }
    if (missing.length === 0) return values
    const missingKeys = missing.map((index) => storedKeys[index] ?? '')
    const found = await this.#readMany(missingKeys)
    for (const [position, index] of missing.entries()) {
      const key = missingKeys[position] ?? ''
      values[index] =
        found === 'away' ? await this.#getAlone(key) : this.#countFresh(key, found[position])?.value
    }
    return values
  }

  /** An entry, fresh or stale. Rejects when the backend fails. Counts nothing. */
  async find(storedKey: string): Promise<FoundEntry<V> | undefined> {
    const { local, store, clock } = this.#context
    const entry = local?.find(storedKey)
    if (entry && (store.local || entry.freshUntilMs > clock.monotonicMs()))
      return this.#foundLocally(storedKey, entry)
    const [found] = await this.read([storedKey])
    return found
  }

  /** Whether the fresh entry is the one with a revision. `false` when the backend is away. Counts nothing. */
  async isCurrent(storedKey: string, revision: string): Promise<boolean> {
    const { local, clock } = this.#context
    const held = local?.find(storedKey)
    if (held && held.freshUntilMs > clock.monotonicMs()) return held.revision === revision
    try {
      const entry = await this.#readUndecoded(storedKey)
      return entry !== undefined && entry.freshForMs > 0 && entry.revision === revision
    } catch (error) {
      if (!isBackendError(error)) throw error
      return false
    }
  }

  /** What is sealed has to be opened all the same: its revision is worth nothing before. */
  async #readUndecoded(storedKey: string): Promise<Pick<StoredEntry, 'freshForMs' | 'revision'> | undefined> {
    const { packer, store, local, clock } = this.#context
    if (packer.sealer) return (await this.read([storedKey]))[0]
    const sentMs = clock.monotonicMs()
    const reply = await store.read([storedKey])
    local?.observe(reply.stamp, sentMs)
    return reply.entries[0]
  }

  /** Entries of the backend, fresh or stale, past L1. Rejects when the backend fails. */
  async read(storedKeys: readonly string[]): Promise<(FoundEntry<V> | undefined)[]> {
    const sent = this.#isReady() ? this.sentNow() : await this.send()
    const reply = await this.#context.store.read(storedKeys)
    this.#context.local?.observe(reply.stamp, sent.atMs)
    const sequence = reply.stamp?.sequence
    const found: (FoundEntry<V> | undefined)[] = []
    for (const [index, entry] of reply.entries.entries()) {
      const key = storedKeys[index] ?? ''
      const accepted = entry && this.#accept(key, entry, sent, sequence)
      // Only a schema or a forgery makes it wait.
      found.push(present(accepted instanceof Promise ? await accepted : accepted))
    }
    return found
  }

  /** To be called right before a command whose entry is to be kept. */
  async send(): Promise<Sent> {
    if (!this.#isReady()) await this.#context.local?.sync()
    return this.sentNow()
  }

  /**
   * Decodes and checks an entry that came from the backend and keeps it in L1; several callers may share its value. An
   * entry that cannot be read, or no longer fits the schema, is reported and counts as missing; a forged one is deleted as
   * well.
   */
  async accept(
    storedKey: string,
    entry: StoredEntry,
    sent: Sent,
    sequence: number | undefined,
  ): Promise<Accepted<V>> {
    const accepted = await this.#accept(storedKey, entry, sent, sequence)
    const isOwn = this.#context.packer.sealer?.confidential === true
    if (isOwn && this.#context.policy.sharing === 'freeze') freezeShared(present(accepted)?.value)
    return accepted
  }

  #accept(
    storedKey: string,
    entry: StoredEntry,
    sent: Sent,
    sequence: number | undefined,
  ): Promise<Accepted<V>> | Accepted<V> {
    const from = { sent, sequence: sequence ?? sent.position?.sequence ?? 0 }
    const { packer, policy } = this.#context
    try {
      const { value, entry: held } = packer.decodeStored(entry, storedKey)
      // Its sealed times have ended, whatever the store says.
      if (held !== entry && held.keptForMs <= 0) return undefined
      if (policy.schema && value !== undefined) return this.#acceptValidated(storedKey, value, held, from)
      if (policy.sharing === 'freeze' && !packer.sealer?.confidential) freeze(value, entry.format)
      return this.#found(storedKey, value as V | undefined, held, from)
    } catch (error) {
      reportFailure(this.#context, 'decode', error)
      return isCacheError(error, 'DECRYPTION_FAILED') ? this.#remove(storedKey, entry.revision) : undefined
    }
  }

  /** Deletes a forged entry, if it is still the one that was read. */
  async #remove(storedKey: string, revision: string): Promise<typeof removed> {
    const { stats, store } = this.#context
    stats.forgeries++
    const when = { kind: 'revision', revision } as const
    // A store that is away has counted and published that; the next read finds the forgery again.
    await store.change([{ kind: 'delete', key: storedKey, when }]).catch(() => undefined)
    return removed
  }

  async #acceptValidated(
    storedKey: string,
    value: unknown,
    entry: StoredEntry,
    from: ReadFrom,
  ): Promise<FoundEntry<V> | undefined> {
    const { policy } = this.#context
    try {
      const checked = policy.schema ? await validated(policy.schema, value, this.#context) : (value as V)
      if (policy.sharing === 'freeze') freezeShared(checked)
      return this.#found(storedKey, checked, entry, from)
    } catch (error) {
      reportFailure(this.#context, 'validate', error)
      return undefined
    }
  }

  #found(storedKey: string, value: V | undefined, entry: StoredEntry, from: ReadFrom): FoundEntry<V> {
    this.#keep(storedKey, value, entry, from)
    return foundEntry(value, entry, 'l2')
  }

  /** A fresh entry of this process, counted; one that cannot be read is dropped and reported. */
  #localHit(storedKey: string): { readonly value: V | undefined } | undefined {
    const { local, clock } = this.#context
    const entry = local?.find(storedKey)
    if (!entry || entry.freshUntilMs <= clock.monotonicMs()) return undefined
    try {
      const value = this.localValue(storedKey, entry)
      countRead(this.#context, storedKey, 'l1-hit')
      return { value }
    } catch (error) {
      local?.drop(storedKey)
      reportFailure(this.#context, 'decode', error)
      return undefined
    }
  }

  /**
   * The value of an entry in this process.
   *
   * @throws CacheError `DECODING_FAILED`, `DECRYPTION_FAILED`
   */
  localValue(storedKey: string, entry: LocalEntry): V | undefined {
    if (entry.format === format.live) return entry.payload as V
    return this.#context.packer.decode(entry, storedKey) as V | undefined
  }

  /** Whether a local tier, if there is one, knows where it stands. */
  #isReady(): boolean {
    const { local } = this.#context
    return local === undefined || local.ready
  }

  /** The same without waiting: nothing is kept in L1 if it does not know where it stands. */
  sentNow(): Sent {
    const { local, clock } = this.#context
    return local ? { atMs: clock.monotonicMs(), position: local.position() } : sentWithoutLocal
  }

  async #readForAll(storedKey: string): Promise<FoundEntry<V> | 'away' | undefined> {
    const reading = this.#readOne(storedKey)
    this.#underWay.set(storedKey, reading)
    try {
      return await reading
    } finally {
      if (this.#underWay.get(storedKey) === reading) this.#underWay.delete(storedKey)
    }
  }

  /** An entry of the backend, fresh or stale, past L1. One layer, for speed. */
  async #readOne(storedKey: string): Promise<FoundEntry<V> | 'away' | undefined> {
    const { store, local } = this.#context
    try {
      const sent = this.#isReady() ? this.sentNow() : await this.send()
      const reply = await store.read([storedKey])
      local?.observe(reply.stamp, sent.atMs)
      const [entry] = reply.entries
      const accepted = entry && this.#accept(storedKey, entry, sent, reply.stamp?.sequence)
      return present(accepted instanceof Promise ? await accepted : accepted)
    } catch (error) {
      if (!isBackendError(error)) throw error
      return 'away'
    }
  }

  /** L1 may answer alone once its own question has failed as well. */
  async #getAlone(storedKey: string): Promise<V | undefined> {
    const held = await this.heldAlone(storedKey, Number.POSITIVE_INFINITY)
    if (!held) countRead(this.#context, storedKey, 'miss')
    return held?.value
  }

  /** After a call that failed: what L1 may serve without the backend, counted. */
  async heldAlone(
    storedKey: string,
    maxAgeMs: number,
  ): Promise<{ readonly value: V | undefined } | undefined> {
    const { local, policy, clock } = this.#context
    if (!local || !policy.local || policy.local.aloneForMs === 0) return undefined
    await local.sync()
    const bornAtMs = local.tier.peek(storedKey)?.bornAtMs ?? Number.NEGATIVE_INFINITY
    return clock.monotonicMs() - bornAtMs <= maxAgeMs ? this.#localHit(storedKey) : undefined
  }

  async #readMany(storedKeys: readonly string[]): Promise<(FoundEntry<V> | undefined)[] | 'away'> {
    try {
      return await this.read(storedKeys)
    } catch (error) {
      if (!isBackendError(error)) throw error
      return 'away'
    }
  }

  #countFresh(storedKey: string, found: FoundEntry<V> | undefined): FoundEntry<V> | undefined {
    const fresh = found !== undefined && found.freshForMs > 0
    countRead(this.#context, storedKey, fresh ? 'l2-hit' : 'miss')
    return fresh ? found : undefined
  }

  #keep(storedKey: string, value: V | undefined, entry: StoredEntry, from: ReadFrom): void {
    const { local, packer, policy } = this.#context
    if (!this.#keepsLocally || !local || !policy.local || entry.freshForMs <= 0) return
    const packed: Packed = packer.keep(value, () => entry)
    const facts = {
      ...packed,
      fromMs: from.sent.atMs,
      sequence: from.sequence,
      coherent: true,
      maxFreshMs: local.ttlMs(policy.local.ttlMs),
    }
    local.put(storedKey, localEntry(storedKey, entry, facts), from.sent.position)
  }

  #foundLocally(storedKey: string, entry: LocalEntry): FoundEntry<V> {
    const nowMs = this.#context.clock.monotonicMs()
    const times = {
      freshForMs: entry.freshUntilMs - nowMs,
      keptForMs: entry.goneAtMs - nowMs,
      ageMs: nowMs - entry.bornAtMs,
    }
    return foundEntry(this.localValue(storedKey, entry), { ...entry, ...times }, 'l1')
  }
}

/** What callers may share; a value that is never kept in this process is each reader's own. */
function freeze(value: unknown, id: number): void {
  if (id === format.json) freezeParsed(value)
  else freezeShared(value)
}

function present<V>(accepted: Accepted<V>): FoundEntry<V> | undefined {
  return accepted === removed ? undefined : accepted
}

function foundEntry<V>(
  value: V | undefined,
  entry: Omit<FoundEntry<V>, 'value' | 'source'>,
  source: 'l1' | 'l2',
): FoundEntry<V> {
  const { freshForMs, keptForMs, ageMs, loadMs, revision, version, tags } = entry
  return { value, source, freshForMs, keptForMs, ageMs, loadMs, revision, version, tags }
}
