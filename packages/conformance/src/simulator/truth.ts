import type { VirtualTime } from './virtual-time.ts'

/** A value that was put into the cache; the cached value is its number, so that a read tells where it came from. */
export interface ValueRecord {
  readonly key: number
  readonly version: number
  readonly origin: 'load' | 'set'
  /** The process that made it. */
  readonly process: number
  /** Loaded with the right to do so, and not while the store was away or after a result that is not stored. */
  readonly leased: boolean
  /** When the load began, or the write. */
  bornMs: number
  /** When the loader returned. */
  endMs: number
  readonly ttlMs: number
  /** How long the command that stored it was under way: the store counts its time from its arrival. */
  transitMs: number
}

/** A stretch of time in which a key had no value. */
interface Absence {
  readonly version: number
  readonly untilMs: number
}

/** What a load without a lease found: nothing. */
export interface AloneAbsence {
  readonly version: number
  readonly bornMs: number
  readonly endMs: number
}

interface TrueKey {
  version: number
  absent: boolean
  readonly absences: Absence[]
  /** When a call last made its entry stale. */
  expiredAtMs: number
  /** A write-through is under way: nobody else writes. */
  isBeingSet: boolean
  /** Invalidations under way. */
  invalidations: number
}

/** The source of truth that the cache stands before: a version for each key, and every value ever made of it. */
export class Truth {
  readonly records: ValueRecord[] = []
  readonly #time: VirtualTime
  readonly #keys: readonly TrueKey[]
  readonly #absentShare: number
  readonly #aloneAbsences = new Map<string, AloneAbsence>()

  constructor(time: VirtualTime, keys: number, absentShare: number) {
    this.#time = time
    this.#absentShare = absentShare
    this.#keys = Array.from({ length: keys }, () => ({
      version: 1,
      absent: false,
      absences: [],
      expiredAtMs: Number.NEGATIVE_INFINITY,
      isBeingSet: false,
      invalidations: 0,
    }))
  }

  version(key: number): number {
    return this.#key(key).version
  }

  isAbsent(key: number): boolean {
    return this.#key(key).absent
  }

  /** The truth changes. */
  bump(key: number, mayBeAbsent = true): number {
    const state = this.#key(key)
    if (state.absent) state.absences.push({ version: state.version, untilMs: this.#time.nowMs })
    state.absent = mayBeAbsent && this.#time.chance(this.#absentShare)
    return ++state.version
  }

  /** A call made the entry stale. */
  expire(key: number): void {
    this.#key(key).expiredAtMs = this.#time.nowMs
  }

  expiredAtMs(key: number): number {
    return this.#key(key).expiredAtMs
  }

  /** A load without a lease found nothing. */
  foundNothingAlone(
    process: number,
    load: { readonly key: number; readonly version: number; readonly bornMs: number },
  ): void {
    const { key, version, bornMs } = load
    this.#aloneAbsences.set(`${process} ${key}`, { version, bornMs, endMs: this.#time.nowMs })
  }

  /** The latest of them. */
  aloneAbsence(process: number, key: number): AloneAbsence | undefined {
    return this.#aloneAbsences.get(`${process} ${key}`)
  }

  /** Whether some version from `floor` on had no value at `sinceMs` or later. */
  wasAbsent(key: number, floor: number, sinceMs: number): boolean {
    const { absent, absences } = this.#key(key)
    return absent || absences.some(({ version, untilMs }) => version >= floor && untilMs >= sinceMs)
  }

  record(record: ValueRecord): number {
    return this.records.push(record) - 1
  }

  /**
   * Takes keys for a write. Writes of a value exclude others, as a row lock does: two values written at once have no
   * order that a reader could be held to. Invalidations are free to race with each other and with loads.
   */
  take(keys: readonly number[], kind: 'set' | 'invalidation'): boolean {
    const states = keys.map((key) => this.#key(key))
    if (states.some(({ isBeingSet, invalidations }) => isBeingSet || (kind === 'set' && invalidations > 0)))
      return false
    for (const state of states) {
      if (kind === 'set') state.isBeingSet = true
      else state.invalidations++
    }
    return true
  }

  giveBack(keys: readonly number[], kind: 'set' | 'invalidation'): void {
    for (const key of keys) {
      if (kind === 'set') this.#key(key).isBeingSet = false
      else this.#key(key).invalidations--
    }
  }

  #key(key: number): TrueKey {
    const state = this.#keys[key]
    if (!state) throw new RangeError(`there is no key ${key}`)
    return state
  }
}
