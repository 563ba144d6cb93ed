import { isCacheError } from '@cache/core'
import type { Cache } from '@cache/core'
import type { AtomicLedger } from './atomic-ledger.ts'
import type { HistoryChecker, ReadStart } from './history-checker.ts'
import { patientMs, type SeedPlan } from './seed-plan.ts'
import { keyAt, storedKeyAt, tagsOf, type SimulatedCache } from './simulated-cache.ts'
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

/** A caller may be refused what it joined three times before it loads by itself. */
const callAttempts = 4

/** Names of the atomic counters and lists. */
export const counterNames: readonly string[] = ['c0', 'c1']

interface PendingCall {
  readonly startMs: number
  /** How long the process had been paused before it. */
  readonly pausedMs: number
}

type Invalidating =
  | { readonly kind: 'delete' | 'expire' | 'clear' }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'pattern'; readonly pattern: string }

/** The application code of one virtual process: bursts of reads and writes, each noted as it begins and ends. */
export class Application {
  /** Calls that have not settled. */
  pending = 0
  readonly #parts: ApplicationParts
  readonly #allKeys: readonly number[]
  readonly #isLocal: boolean
  /** Keys whose row lock a write of this process holds. */
  readonly #held = new Set<number>()
  /** How many reads of a key are under way: one that joins them has its value from L1. */
  readonly #getting = new Map<number, number>()
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
    if (time.chance(plan.workload.atomicShare)) void this.#countUp()
    this.#read()
  }

  #read(): void {
    const { time } = this.#parts.process
    const how = time.random()
    if (how < 0.55 && how >= 0.35) {
      void this.#getMany()
      return
    }
    for (const key of this.#allKeys) {
      if (how < 0.35) this.#peekAndGet(key)
      else if (how > 0.95) void this.#settle(this.#beginWithMeta(key), this.#getWithMeta(key))
      else if (time.chance(0.6)) this.#getOrLoad(key)
    }
  }

  /** It gives stale entries too, and always from the store where L1 has no fresh one. */
  #beginWithMeta(key: number): ReadStart {
    const { checker, process } = this.#parts
    return checker.begin(process, key, { operation: 'getWithMeta', fromLocal: this.#isLocal })
  }

  async #getWithMeta(key: number): Promise<number | undefined> {
    const found = await this.#parts.cache.getWithMeta(keyAt(key))
    return found?.value
  }

  #peekAndGet(key: number): void {
    const { checker, process, cache, plan } = this.#parts
    const peeked = cache.peek(keyAt(key))
    if (peeked !== undefined)
      checker.end(checker.begin(process, key, { operation: 'peek', fromLocal: true }), peeked)
    const others = this.#getting.get(key) ?? 0
    const joins = this.#isLocal && others > 0
    const fromLocal = peeked !== undefined || joins || plan.cache.aloneForMs > 0
    const read = checker.begin(process, key, { operation: 'get', fromLocal })
    this.#getting.set(key, others + 1)
    void this.#settle(read, cache.get(keyAt(key))).finally(() =>
      this.#getting.set(key, (this.#getting.get(key) ?? 1) - 1),
    )
  }

  async #getMany(): Promise<void> {
    const { checker, process, cache } = this.#parts
    const reads = this.#allKeys.map((key) =>
      checker.begin(process, key, { operation: 'getMany', fromLocal: this.#isLocal }),
    )
    const call = this.#began()
    try {
      const values = await cache.getMany(this.#allKeys.map(keyAt))
      for (const [index, read] of reads.entries()) checker.end(read, values[index])
    } catch (error) {
      this.#rejected('getMany', error)
    } finally {
      this.#ended(call)
    }
  }

  #getOrLoad(key: number): void {
    const { checker, process, cache, plan } = this.#parts
    const { time } = process
    const maxAgeMs = time.chance(plan.workload.maxAgeShare) ? time.between(5, plan.cache.ttlMs) : undefined
    const options = {
      tags: tagsOf(key, plan.tags),
      ...(maxAgeMs === undefined ? {} : { maxAge: maxAgeMs }),
      ...(time.chance(plan.workload.abortShare) ? { signal: this.#abortedLater() } : {}),
    }
    const callers = time.chance(0.2) ? 2 : 1
    for (let caller = 0; caller < callers; caller++) {
      const read = checker.begin(process, key, {
        operation: 'getOrLoad',
        fromLocal: this.#isLocal,
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      })
      const loading = cache.getOrLoad(keyAt(key), simulatedLoader(key, this.#parts), options)
      void this.#settle(read, loading, options.signal)
    }
  }

  #abortedLater(): AbortSignal {
    const { process, plan } = this.#parts
    const controller = new AbortController()
    process.after(process.time.between(0, plan.workload.loaderMs), () => controller.abort())
    return controller.signal
  }

  async #settle(read: ReadStart, reading: Promise<number | undefined>, signal?: AbortSignal): Promise<void> {
    const { process, checker, trace } = this.#parts
    const call = this.#began()
    try {
      const value = await reading
      trace?.(`p${process.id} ${read.operation} k${read.key} begun ${read.startMs.toFixed(3)} → ${value}`)
      checker.end(read, value)
    } catch (error) {
      if (!signal?.aborted || !isCacheError(error, 'ABORTED'))
        this.#rejected(`${read.operation} of k${read.key}`, error)
    } finally {
      this.#ended(call)
    }
  }

  #began(): PendingCall {
    const { process } = this.#parts
    this.pending++
    return { startMs: process.time.nowMs, pausedMs: process.pausedMs }
  }

  /** Whatever happens to the backend, a call ends in time; that of a process that stands still apart. */
  #ended({ startMs, pausedMs }: PendingCall): void {
    const { process, plan, checker } = this.#parts
    this.pending--
    const tookMs = process.time.nowMs - startMs - (process.pausedMs - pausedMs)
    const limitMs = callAttempts * (2 * plan.cache.hardTimeoutMs + 4 * plan.cache.commandTimeoutMs)
    if (tookMs > limitMs) checker.violate('hang', '', `a call took ${tookMs} ms`)
  }

  #rejected(operation: string, error: unknown): void {
    if (error instanceof SimulatedLoadFailure) return
    const { plan } = this.#parts
    if (plan.cache.hardTimeoutMs < patientMs && isCacheError(error, 'LOADER_TIMEOUT')) return
    if (this.#stopped && isCacheError(error, 'CLOSED')) return
    this.#parts.checker.violate('rejection', '', `${operation} rejected with ${String(error)}`)
  }

  #write(): void {
    const { process, plan } = this.#parts
    const { time } = process
    const kind = time.random()
    const key = time.below(plan.keys)
    if (kind < 0.4) void this.#invalidate([key], { kind: 'delete' })
    else if (kind < 0.45) void this.#invalidate(this.#allKeys.slice(key), { kind: 'delete' })
    else if (kind < 0.5) this.#deleteMatching(time.pick(['k*', 't:*', '*']))
    else if (kind < 0.65) this.#invalidateTag(`g${time.below(plan.tags)}`)
    else if (kind < 0.7) void this.#invalidate(this.#allKeys, { kind: 'clear' })
    else if (kind < 0.9) void this.#set(key)
    else void this.#invalidate([key], { kind: 'expire' })
  }

  #invalidateTag(tag: string): void {
    const keys = this.#allKeys.filter((key) => tagsOf(key, this.#parts.plan.tags).includes(tag))
    void this.#invalidate(keys, { kind: 'tag', tag })
  }

  #deleteMatching(pattern: string): void {
    const keys = this.#allKeys.filter((key) => storedKeyAt(key).startsWith(pattern.slice(0, -1)))
    if (keys.length > 0) void this.#invalidate(keys, { kind: 'pattern', pattern })
  }

  /** Changes the truth of the keys, and then tells the cache; an answer of `false` to `expire` claims nothing. */
  async #invalidate(keys: readonly number[], how: Invalidating): Promise<void> {
    const { truth, process, cache, checker, trace } = this.#parts
    if (!truth.take(keys, 'invalidation')) return
    const versions = keys.map((key) => truth.bump(key))
    const names = keys.map((key, index) => `k${key}=${versions[index]}`).join(' ')
    trace?.(`p${process.id} invalidates ${names} by ${how.kind}`)
    const call = this.#began()
    try {
      const done = await invalidate(cache, keys, how)
      trace?.(`p${process.id} was told that ${names} is done: ${done}`)
      const kind = how.kind === 'expire' ? 'soft' : 'hard'
      const by = { process: process.id, kind, nowMs: process.time.nowMs } as const
      for (const [index, key] of keys.entries())
        if (done) checker.floors.acknowledge(key, versions[index] ?? 0, by)
    } catch (error) {
      this.#unacknowledged(error)
    } finally {
      this.#ended(call)
      truth.giveBack(keys, 'invalidation')
    }
  }

  async #set(key: number): Promise<void> {
    const { truth, process, cache, checker, plan, trace } = this.#parts
    if (!truth.take([key], 'set')) return
    this.#held.add(key)
    const version = truth.bump(key, false)
    const value = this.#recordSet(key, version)
    trace?.(`p${process.id} sets k${key}=${version}`)
    const call = this.#began()
    let isStored = false
    try {
      isStored = await cache.set(keyAt(key), value, { tags: tagsOf(key, plan.tags), version })
      trace?.(`p${process.id} was told that k${key}=${version} is set: ${isStored}`)
      const by = { process: process.id, kind: 'hard', nowMs: process.time.nowMs } as const
      if (isStored) checker.floors.acknowledge(key, version, by)
    } catch (error) {
      this.#unacknowledged(error)
    } finally {
      this.#ended(call)
      this.#release(key, isStored ? 0 : plan.cache.commandTimeoutMs + 1)
    }
  }

  #recordSet(key: number, version: number): number {
    const { truth, process, plan } = this.#parts
    const { nowMs } = process.time
    return truth.record({
      key,
      version,
      origin: 'set',
      process: process.id,
      leased: true,
      bornMs: nowMs,
      endMs: nowMs,
      ttlMs: plan.cache.ttlMs,
      transitMs: 0,
    })
  }

  /** Ends the row lock of a write; one whose outcome nobody knows may be carried out until its deadline. */
  #release(key: number, afterMs: number): void {
    const { truth, process } = this.#parts
    if (this.#held.delete(key)) process.time.after(afterMs, () => truth.giveBack([key], 'set'))
  }

  async #countUp(): Promise<void> {
    const { process, counters, lists, ledger } = this.#parts
    if (!counters || !lists) return
    const name = process.time.pick(counterNames)
    const isList = process.time.chance(0.3)
    const start = ledger.begin(isList ? `list ${name}` : name)
    const call = this.#began()
    try {
      ledger.acknowledged(start, await (isList ? lists.append(name, [process.id]) : counters.increment(name)))
    } catch (error) {
      ledger.unknown(start)
      if (!isCacheError(error, 'CONFLICT')) this.#unacknowledged(error)
    } finally {
      this.#ended(call)
    }
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

/** Resolves with whether the cache claims it done. */
async function invalidate(
  cache: SimulatedCache,
  keys: readonly number[],
  how: Invalidating,
): Promise<boolean> {
  const [first = 0] = keys
  if (how.kind === 'expire') return cache.expire(keyAt(first))
  if (how.kind === 'tag') await cache.invalidateTags([how.tag])
  else if (how.kind === 'pattern') await cache.deleteMatching(how.pattern)
  else if (how.kind === 'clear') await cache.clear()
  else if (keys.length === 1) await cache.delete(keyAt(first))
  else await cache.deleteMany(keys.map(keyAt))
  return true
}
