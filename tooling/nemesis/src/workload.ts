import { setTimeout as sleep } from 'node:timers/promises'
import type { Cache, Caches } from '@cache/core'
import { EventBatch, eventKind, nowMs, type ClientReport, type EventKind } from './events.ts'
import type { NaiveCache } from './naive-cache.ts'
import {
  commandTimeoutMs,
  hungAfterMs,
  invalidatedKeys,
  keyCount,
  keyName,
  keysWithTag,
  naiveShare,
  readsPerMs,
  readsPerTick,
  tagCount,
  tagOf,
  tickMs,
  writeEveryMs,
  type ClientPlan,
} from './plan.ts'
import type { Truth } from './truth.ts'

export interface WorkloadParts {
  readonly plan: ClientPlan
  readonly caches: Caches
  readonly cache: Cache<number>
  readonly naive: NaiveCache
  readonly truth: Truth
  readonly random: () => number
}

/** Reads and writes of one client process, each noted with when it began and settled. */
export class Workload {
  readonly #parts: WorkloadParts
  readonly #batch = new EventBatch()
  /** When each call that has not settled began, and how many of them were found to hang. */
  readonly #underWay = new Map<number, number>()
  #calls = 0
  #hungCalls = 0
  #failedReads = 0
  #failure: string | undefined
  #reportedHits = 0

  constructor(parts: WorkloadParts) {
    this.#parts = parts
  }

  /** Never ends. */
  async run(): Promise<void> {
    void this.#writeThrough()
    void this.#invalidate()
    for (let doneMs = nowMs(); ;) {
      const elapsedMs = nowMs() - doneMs
      doneMs += elapsedMs
      const due = Math.min(readsPerTick, Math.round(elapsedMs * readsPerMs))
      for (let read = 0; read < due; read++) this.#readSomething()
      await sleep(tickMs)
    }
  }

  report(): ClientReport {
    // Acknowledgements are noted as they come: all up to now are in the batch.
    const untilMs = nowMs()
    this.#findHung(untilMs)
    const { localHits } = this.#parts.cache.stats()
    const report = {
      untilMs,
      events: this.#batch.take(),
      hungCalls: this.#hungCalls,
      failedReads: this.#failedReads,
      failure: this.#failure,
      localHits: localHits - this.#reportedHits,
    }
    this.#hungCalls = 0
    this.#failedReads = 0
    this.#failure = undefined
    this.#reportedHits = localHits
    return report
  }

  #readSomething(): void {
    const { random } = this.#parts
    // Some keys are hotter than others.
    const key = Math.floor(keyCount * random() ** 2)
    if (random() < naiveShare && key < invalidatedKeys) void this.#readNaively(key)
    if (random() < 0.05) void this.#readMany(key)
    else void this.#readOne(key)
  }

  async #readOne(key: number): Promise<void> {
    const { cache, random } = this.#parts
    const beginMs = nowMs()
    try {
      const version = await this.#watched(
        random() < 0.3
          ? cache.get(keyName(key))
          : cache.getOrLoad(keyName(key), () => this.#load(key), { tags: tagsOf(key) }),
      )
      if (version !== undefined) this.#note(eventKind.read, key, version, beginMs)
    } catch (error) {
      this.#failed(error)
    }
  }

  async #readMany(first: number): Promise<void> {
    const keys = [first, (first + 7) % keyCount, (first + 13) % keyCount]
    const beginMs = nowMs()
    try {
      const versions = await this.#watched(this.#parts.cache.getMany(keys.map(keyName)))
      for (const [index, version] of versions.entries())
        if (version !== undefined) this.#note(eventKind.read, keys[index] ?? 0, version, beginMs)
    } catch (error) {
      this.#failed(error)
    }
  }

  async #readNaively(key: number): Promise<void> {
    const beginMs = nowMs()
    const version = await this.#parts.naive.getOrLoad(key, () => this.#load(key))
    this.#note(eventKind.naiveRead, key, version, beginMs)
  }

  /** Reads the truth, and sometimes takes its time to hand it over. */
  async #load(key: number): Promise<number> {
    const { truth, random } = this.#parts
    const version = await truth.version(key)
    if (random() < 0.2) await sleep(random() * 30)
    return version
  }

  /** Changes the truth of keys that anybody may change, and then tells both caches. */
  async #invalidate(): Promise<void> {
    const { random } = this.#parts
    for (;;) {
      await sleep(random() * 2 * writeEveryMs)
      const how = random()
      const key = Math.floor(invalidatedKeys * random() ** 2)
      if (how < 0.8) void this.#change([key], (cache) => cache.delete(keyName(key)))
      else if (how < 0.98) this.#invalidateTag(`t${Math.floor(random() * tagCount)}`)
      else this.#clear()
    }
  }

  #invalidateTag(tag: string): void {
    const { caches, random } = this.#parts
    const everywhere = random() < 0.3
    void this.#change(keysWithTag(tag), (cache) =>
      everywhere ? caches.invalidateTags([tag]) : cache.invalidateTags([tag]),
    )
  }

  #clear(): void {
    const all = Array.from({ length: invalidatedKeys }, (_, key) => key)
    void this.#change(all, (cache) => cache.clear())
  }

  async #change(keys: readonly number[], tell: (cache: Cache<number>) => Promise<unknown>): Promise<void> {
    const { truth, cache, naive } = this.#parts
    const versions = await truth.bumpAll(keys)
    const beginMs = nowMs()
    const ours = this.#watched(tell(cache)).then(
      () => this.#noteAll(eventKind.acknowledged, keys, versions, beginMs),
      () => undefined,
    )
    const theirs = naive.delete(keys).then(
      () => this.#noteAll(eventKind.naiveAcknowledged, keys, versions, beginMs),
      () => undefined,
    )
    await Promise.all([ours, theirs])
  }

  /** Keys of its own, one write after another: two values written at once have no order to be held to. */
  async #writeThrough(): Promise<void> {
    const { plan, cache, truth, random } = this.#parts
    const own = Array.from(
      { length: keyCount - invalidatedKeys },
      (_, index) => invalidatedKeys + index,
    ).filter((key) => key % plan.clients === plan.index)
    // A write of a process that it took the place of may still be carried out.
    await sleep(4 * commandTimeoutMs)
    for (;;) {
      await sleep(random() * 4 * writeEveryMs)
      const key = own[Math.floor(random() * own.length)]
      if (key === undefined) return
      const version = await truth.bump(key)
      const beginMs = nowMs()
      const isStored = await this.#watched(cache.set(keyName(key), version, { version })).catch(() => false)
      if (isStored) this.#note(eventKind.acknowledged, key, version, beginMs)
      else await sleep(3 * commandTimeoutMs)
    }
  }

  async #watched<T>(call: Promise<T>): Promise<T> {
    const id = this.#calls++
    this.#underWay.set(id, nowMs())
    try {
      return await call
    } finally {
      this.#underWay.delete(id)
    }
  }

  #findHung(atMs: number): void {
    for (const [id, sinceMs] of this.#underWay) {
      if (atMs - sinceMs < hungAfterMs) continue
      this.#underWay.delete(id)
      this.#hungCalls++
    }
  }

  #failed(error: unknown): void {
    this.#failedReads++
    this.#failure = String(error)
  }

  #note(kind: EventKind, key: number, version: number, beginMs: number): void {
    this.#batch.add({ kind, key, version, beginMs, endMs: nowMs() })
  }

  #noteAll(kind: EventKind, keys: readonly number[], versions: readonly number[], beginMs: number): void {
    for (const [index, key] of keys.entries()) this.#note(kind, key, versions[index] ?? 0, beginMs)
  }
}

function tagsOf(key: number): string[] {
  const tag = tagOf(key)
  return tag === undefined ? [] : [tag]
}
