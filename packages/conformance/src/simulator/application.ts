import { isCacheError } from '@cache/core'
import type { Cache } from '@cache/core'
import type { AtomicLedger } from './atomic-ledger.ts'
import type { HistoryChecker, ReadStart } from './history-checker.ts'
import type { SeedPlan } from './seed-plan.ts'
import { keyAt, tagsOf, type SimulatedCache } from './simulated-cache.ts'
import { SimulatedLoadFailure, simulatedLoader } from './simulated-loader.ts'
import type { Truth } from './truth.ts'
import type { VirtualProcess } from './virtual-process.ts'

/** What one virtual process works with. */
export interface ApplicationParts {
  readonly process: VirtualProcess
  readonly plan: SeedPlan
  readonly truth: Truth
  readonly checker: HistoryChecker
  readonly ledger: AtomicLedger
  readonly cache: SimulatedCache
  readonly counters: Cache<number> | undefined
  readonly lists: Cache<number[]> | undefined
  readonly isLeased: (storedKey: string) => boolean
  readonly trace: ((line: string) => void) | undefined
}

/** Names of the atomic counters and lists. */
export const counterNames: readonly string[] = ['c0', 'c1']

/** The application code of one virtual process: bursts of reads and writes, each noted as it begins and ends. */
export class Application {
  /** Calls that have not settled. */
  pending = 0
  readonly #parts: ApplicationParts
  readonly #allKeys: readonly number[]
  readonly #isLocal: boolean
  /** Keys whose row lock a write of this process holds. */
  readonly #held = new Set<number>()
  #stopped = false

  constructor(parts: ApplicationParts) {
    this.#parts = parts
    this.#allKeys = Array.from({ length: parts.plan.keys }, (_, index) => index)
    this.#isLocal = parts.plan.cache.l1
    this.#later()
  }

  stop(): void {
    this.#stopped = true
  }

  /** The process is gone, and its row locks with it. */
  crashed(): void {
    this.#stopped = true
    for (const key of this.#held) this.#release(key, this.#parts.plan.cache.commandTimeoutMs + 1)
  }

  #later(): void {
    const { process, plan } = this.#parts
    const delayMs = -Math.log(1 - process.time.random()) * plan.workload.burstMs
    process.after(delayMs, () => {
      if (this.#stopped) return
      this.#burst()
      this.#later()
    })
  }

  #burst(): void {
    const { process, plan } = this.#parts
    const { time } = process
    if (time.chance(plan.workload.writeShare)) this.#write()
    if (time.chance(plan.workload.atomicShare)) this.#countUp()
    const how = time.random()
    if (how < 0.35) for (const key of this.#allKeys) this.#peekAndGet(key)
    else if (how < 0.55) this.#getMany()
    else for (const key of this.#allKeys) if (time.chance(0.6)) this.#getOrLoad(key)
  }

  #peekAndGet(key: number): void {
    const { checker, process, cache } = this.#parts
    const peeked = cache.peek(keyAt(key))
    if (peeked !== undefined)
      checker.end(checker.begin(process, key, { operation: 'peek', fromLocal: true }), peeked)
    const read = checker.begin(process, key, { operation: 'get', fromLocal: peeked !== undefined })
    this.#settle(cache.get(keyAt(key)), read)
  }

  #getMany(): void {
    const { checker, process, cache } = this.#parts
    const reads = this.#allKeys.map((key) =>
      checker.begin(process, key, { operation: 'getMany', fromLocal: this.#isLocal }),
    )
    const startPausedMs = process.pausedMs
    const startMs = process.time.nowMs
    this.pending++
    cache.getMany(this.#allKeys.map(keyAt)).then(
      (values) => {
        this.#done(startMs, startPausedMs)
        for (const [index, read] of reads.entries()) checker.end(read, values[index])
      },
      (error: unknown) => {
        this.#done(startMs, startPausedMs)
        this.#rejected('getMany', 0, error)
      },
    )
  }

  #getOrLoad(key: number): void {
    const { checker, process, cache, plan } = this.#parts
    const { time } = process
    const maxAgeMs = time.chance(plan.workload.maxAgeShare) ? time.between(5, plan.cache.ttlMs) : undefined
    const options = { tags: tagsOf(key, plan.tags), ...(maxAgeMs === undefined ? {} : { maxAge: maxAgeMs }) }
    const callers = time.chance(0.2) ? 2 : 1
    for (let caller = 0; caller < callers; caller++) {
      const read = checker.begin(process, key, {
        operation: 'getOrLoad',
        fromLocal: this.#isLocal,
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      })
      this.#settle(cache.getOrLoad(keyAt(key), simulatedLoader(key, this.#parts), options), read)
    }
  }

  #settle(call: Promise<number | undefined>, read: ReadStart): void {
    const { process, checker, trace } = this.#parts
    const startPausedMs = process.pausedMs
    this.pending++
    call.then(
      (value) => {
        this.#done(read.startMs, startPausedMs)
        trace?.(`p${process.id} ${read.operation} k${read.key} begun ${read.startMs.toFixed(3)} → ${value}`)
        checker.end(read, value)
      },
      (error: unknown) => {
        this.#done(read.startMs, startPausedMs)
        this.#rejected(read.operation, read.key, error)
      },
    )
  }

  #done(startMs: number, startPausedMs: number): void {
    const { process, plan, checker } = this.#parts
    this.pending--
    const tookMs = process.time.nowMs - startMs - (process.pausedMs - startPausedMs)
    const limitMs = 2 * plan.cache.hardTimeoutMs + 10 * plan.cache.commandTimeoutMs
    if (tookMs > limitMs) checker.violate('hang', '', `a call took ${tookMs} ms`)
  }

  #rejected(operation: string, key: number, error: unknown): void {
    if (error instanceof SimulatedLoadFailure) return
    if (this.#stopped && isCacheError(error, 'CLOSED')) return
    this.#parts.checker.violate('rejection', key, `${operation} rejected with ${String(error)}`)
  }

  #write(): void {
    const { process, plan } = this.#parts
    const { time } = process
    const kind = time.random()
    const key = time.below(plan.keys)
    if (kind < 0.45) this.#invalidate([key], 'hard', async (cache) => void (await cache.delete(keyAt(key))))
    else if (kind < 0.65) this.#invalidateTag(`g${time.below(plan.tags)}`)
    else if (kind < 0.7) this.#invalidate(this.#allKeys, 'hard', (cache) => cache.clear())
    else if (kind < 0.9) this.#set(key)
    else this.#invalidate([key], 'soft', (cache) => cache.expire(keyAt(key)))
  }

  #invalidateTag(tag: string): void {
    const keys = this.#allKeys.filter((key) => tagsOf(key, this.#parts.plan.tags).includes(tag))
    this.#invalidate(keys, 'hard', (cache) => cache.invalidateTags([tag]))
  }

  /** Changes the truth of the keys, and then tells the cache; an answer of `false` claims nothing. */
  #invalidate(
    keys: readonly number[],
    kind: 'hard' | 'soft',
    call: (cache: SimulatedCache) => Promise<boolean | void>,
  ): void {
    const { truth, process, cache, checker, trace } = this.#parts
    if (!truth.take(keys, 'invalidation')) return
    const versions = keys.map((key) => truth.bump(key))
    const names = keys.map((key, index) => `k${key}=${versions[index]}`).join(' ')
    trace?.(`p${process.id} invalidates ${names} ${String(call).slice(0, 60)}`)
    this.pending++
    call(cache)
      .then((done) => {
        trace?.(`p${process.id} was told that ${names} is done: ${String(done)}`)
        if (done === false) return
        const by = { process: process.id, kind, nowMs: process.time.nowMs }
        for (const [index, key] of keys.entries()) checker.floors.acknowledge(key, versions[index] ?? 0, by)
      })
      .catch((error: unknown) => this.#unacknowledged(error))
      .finally(() => {
        this.pending--
        truth.giveBack(keys, 'invalidation')
      })
  }

  #set(key: number): void {
    const { truth, process, cache, checker, plan, trace } = this.#parts
    const { time } = process
    if (!truth.take([key], 'set')) return
    const version = truth.bump(key, false)
    const value = truth.record({
      key,
      version,
      origin: 'set',
      process: process.id,
      leased: true,
      bornMs: time.nowMs,
      endMs: time.nowMs,
      ttlMs: plan.cache.ttlMs,
      transitMs: 0,
    })
    trace?.(`p${process.id} sets k${key}=${version}`)
    this.pending++
    this.#held.add(key)
    cache
      .set(keyAt(key), value, { tags: tagsOf(key, plan.tags), version })
      .then((stored) => {
        trace?.(`p${process.id} was told that k${key}=${version} is set: ${stored}`)
        const by = { process: process.id, kind: 'hard', nowMs: time.nowMs } as const
        if (stored) checker.floors.acknowledge(key, version, by)
        return stored
      })
      .catch((error: unknown) => this.#unacknowledged(error))
      .then((stored) => {
        this.pending--
        this.#release(key, stored === true ? 0 : plan.cache.commandTimeoutMs + 1)
      })
  }

  /** Ends the row lock of a write; one whose outcome nobody knows may be carried out until its deadline. */
  #release(key: number, afterMs: number): void {
    const { truth, process } = this.#parts
    if (this.#held.delete(key)) process.time.after(afterMs, () => truth.giveBack([key], 'set'))
  }

  #countUp(): void {
    const { process, counters, lists, ledger } = this.#parts
    if (!counters || !lists) return
    const name = process.time.pick(counterNames)
    const isList = process.time.chance(0.3)
    const start = ledger.begin(isList ? `list ${name}` : name)
    const call = isList ? lists.append(name, [process.id]) : counters.increment(name)
    this.pending++
    call
      .then(
        (sum) => ledger.acknowledged(start, sum),
        (error: unknown) => {
          ledger.unknown(start)
          if (!isCacheError(error, 'CONFLICT')) this.#unacknowledged(error)
        },
      )
      .finally(() => this.pending--)
  }

  #unacknowledged(error: unknown): void {
    if (
      isCacheError(error) &&
      (error.code.startsWith('BACKEND_') || (this.#stopped && error.code === 'CLOSED'))
    )
      return
    this.#parts.checker.violate('rejection', '', `a change rejected with ${String(error)}`)
  }
}
