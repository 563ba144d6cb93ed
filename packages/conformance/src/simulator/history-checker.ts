import { Floors, type FloorKind } from './floors.ts'
import type { SeedPlan } from './seed-plan.ts'
import type { Truth, ValueRecord } from './truth.ts'
import type { VirtualProcess } from './virtual-process.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A guarantee that did not hold. */
export interface Violation {
  /** Of DESIGN: `G1`, `G2` …; or `hang`, `rejection`, `unhandled`. */
  readonly guarantee: string
  readonly key: string
  readonly detail: string
  /** Virtual time. */
  readonly atMs: number
}

/** A read that began. */
export interface ReadStart {
  readonly key: number
  readonly process: VirtualProcess
  readonly startMs: number
  readonly operation: 'peek' | 'get' | 'getMany' | 'getOrLoad' | 'getWithMeta'
  /** What every reader, and what this process in particular, may not be given. */
  readonly floor: number
  readonly ownFloor: number
  /** The entry may be this old. */
  readonly maxAgeMs: number
}

const slackMs = 0.001

/** Holds every completed read against what had been acknowledged before it began. */
export class HistoryChecker {
  readonly floors: Floors = new Floors()
  readonly violations: Violation[] = []
  /** Reads that returned a value, or a loader's "there is no such thing". */
  reads = 0
  staleReads = 0
  readonly #time: VirtualTime
  readonly #plan: SeedPlan
  readonly #truth: Truth

  constructor(time: VirtualTime, plan: SeedPlan, truth: Truth) {
    this.#time = time
    this.#plan = plan
    this.#truth = truth
  }

  /** How long ago what L1 answers may have been invalidated by others. */
  get #localBoundMs(): number {
    const { withinMs, aloneForMs } = this.#plan.cache
    return withinMs + aloneForMs
  }

  /** What a read that begins now may return; `fromLocal` where L1 may answer it. */
  begin(
    process: VirtualProcess,
    key: number,
    how: {
      readonly operation: ReadStart['operation']
      readonly fromLocal: boolean
      readonly maxAgeMs?: number
    },
  ): ReadStart {
    const { cache } = this.#plan
    const kind: FloorKind = mayBeStale(how.operation) && cache.staleForMs > 0 ? 'hard' : 'soft'
    const startMs = this.#time.nowMs
    const floor = how.fromLocal
      ? this.floors.before(key, kind, startMs - this.#localBoundMs - slackMs)
      : this.floors.now(key, kind)
    const ownFloor = this.floors.own(key, kind, process.id)
    const maxAgeMs = how.maxAgeMs ?? Number.POSITIVE_INFINITY
    return { key, process, startMs, operation: how.operation, floor, ownFloor, maxAgeMs }
  }

  end(read: ReadStart, value: number | undefined): void {
    if (value === undefined) {
      if (read.operation === 'getOrLoad') this.#checkNothing(read)
      return
    }
    this.reads++
    const record = this.#truth.records[value]
    if (!record || record.key !== read.key) {
      this.violate('G8', read.key, `${read.operation} returned a value of another key`)
      return
    }
    this.#checkVersion(read, record)
    this.#checkAge(read, record)
  }

  violate(guarantee: string, key: number | string, detail: string): void {
    const name = typeof key === 'number' ? `k${key}` : key
    this.violations.push({ guarantee, key: name, detail, atMs: this.#time.nowMs })
  }

  /** Nothing was there: that has to have been true lately. */
  #checkNothing(read: ReadStart): void {
    this.reads++
    const { cache, workload } = this.#plan
    const { negativeTtlMs, aloneForMs } = cache
    const patienceMs = workload.loaderMs * 2 + read.process.pausedMs + 1000
    const sinceMs = read.startMs - negativeTtlMs - aloneForMs - patienceMs
    const floor = Math.max(read.floor, read.ownFloor)
    if (this.#truth.wasAbsent(read.key, floor, sinceMs) || this.#wasAbsentAlone(read)) return
    this.#stale('G2', read, `returned nothing, which has not been true since version ${floor}`)
  }

  #wasAbsentAlone(read: ReadStart): boolean {
    const found = this.#truth.aloneAbsence(read.process.id, read.key)
    if (!found || found.version < read.ownFloor) return false
    return found.endMs >= read.startMs || found.bornMs >= read.startMs - this.#plan.cache.withinMs - slackMs
  }

  #checkVersion(read: ReadStart, record: ValueRecord): void {
    const { version } = record
    if (version < read.ownFloor) {
      this.#stale('G1', read, `${about(record)}; this process had been told that ${read.ownFloor} holds`)
      return
    }
    if (version >= this.#floorFor(read, record)) return
    const guarantee = this.#plan.cache.l1 ? 'G3' : 'G2'
    this.#stale(guarantee, read, `${about(record)}; ${read.floor} had been acknowledged`)
  }

  /**
   * A load while the store was away makes no claim on coherence with others, but what L1 keeps of it lives no longer
   * than the bound, and neither may anybody join it who came later than that.
   */
  #floorFor(read: ReadStart, record: ValueRecord): number {
    if (record.leased || record.bornMs >= read.startMs) return read.floor
    const sinceMs = read.startMs - this.#plan.cache.withinMs - slackMs
    return Math.min(read.floor, this.floors.before(read.key, 'hard', sinceMs))
  }

  #checkAge(read: ReadStart, record: ValueRecord): void {
    if (record.endMs >= read.startMs) return
    const ageMs = read.startMs - record.bornMs - record.transitMs - slackMs
    const limitMs = mayBeStale(read.operation) ? this.#staleLimitMs(record) : record.ttlMs
    if (ageMs > limitMs)
      this.violate(
        'G9',
        read.key,
        `${read.operation} returned a value ${ageMs} ms old; its limit is ${limitMs} ms`,
      )
    else if (ageMs > read.maxAgeMs)
      this.violate('G9', read.key, `a value ${ageMs} ms old for a call with maxAge ${read.maxAgeMs} ms`)
  }

  /** How old a value may be that is served past its fresh time; `expire` begins its stale time anew. */
  #staleLimitMs(record: ValueRecord): number {
    const expiredAfterMs = this.#truth.expiredAtMs(record.key) - record.bornMs
    return Math.max(record.ttlMs, expiredAfterMs) + this.#plan.cache.staleForMs
  }

  #stale(guarantee: string, read: ReadStart, detail: string): void {
    this.staleReads++
    const who = `process ${read.process.id}, begun at ${read.startMs.toFixed(3)}`
    this.violate(guarantee, read.key, `${read.operation} (${who}) ${detail}`)
  }
}

function mayBeStale(operation: ReadStart['operation']): boolean {
  return operation === 'getOrLoad' || operation === 'getWithMeta'
}

function about(record: ValueRecord): string {
  const { origin, version, process, bornMs, leased } = record
  const how = origin === 'load' && !leased ? ' without a lease' : ''
  return `returned version ${version} (${origin}${how} by process ${process} at ${bornMs.toFixed(3)})`
}
