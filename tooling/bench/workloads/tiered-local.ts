import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessOrder } from '../random.ts'
import type { Metrics, Parameters } from '../row.ts'
import { keyOf } from '../values.ts'

/** A cache in this process over a SQLite file that another process writes to. Values are version numbers. */
export interface TieredContender {
  readonly get: (key: string) => Promise<number | undefined>
  readonly set: (key: string, version: number) => Promise<unknown>
  /** Reads that this process answered by itself. */
  readonly localReads: () => number
  readonly close: () => Promise<unknown>
}

export interface TieredSettings {
  readonly withinMs: number
  /** The longest that L1 keeps an entry; 0 for as long as it is fresh. */
  readonly l1TtlMs: number
}

export type OpenTiered = (directory: string, settings: TieredSettings) => Promise<TieredContender>

export const tieredKeys = 10_000
const readsPerWrite = 100
const orderLength = 2 ** 16
/** Reads that follow one another before the other process and the timers get their turn. */
const readsPerTurn = 50
/** What the check allows for the time between the end of a write and the moment it was noted. */
const slackMs = 5

/**
 * Reads in Zipf order while another process makes one write for every hundred of them, and holds each read against
 * the version that had been acknowledged longer ago than the bound.
 */
export async function measure(open: OpenTiered, parameters: Parameters): Promise<Metrics> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-tiered-'))
  const settings = { withinMs: Number(parameters['withinMs']), l1TtlMs: Number(parameters['l1TtlMs']) }
  const contender = await open(directory, settings)
  const writer = fork(join(import.meta.dirname, 'tiered-writer.ts'), [directory], {
    execArgv: ['--no-warnings'],
  })
  try {
    await once(writer, 'message')
    const bench = new TieredReads(contender, settings.withinMs)
    writer.on('message', (written) => bench.acknowledged(written as Written))
    await bench.warm()
    const reads = parameters['quick'] === 1 ? 5000 : 200_000
    return await bench.run(reads, (keys) => writer.send({ keys }))
  } finally {
    writer.kill('SIGKILL')
    await contender.close()
    await rm(directory, { recursive: true, force: true })
  }
}

interface Written {
  readonly key: number
  readonly version: number
  /** Of the machine's monotonic clock. */
  readonly atMs: number
}

class TieredReads {
  readonly #contender: TieredContender
  readonly #withinMs: number
  readonly #order = accessOrder(
    Array.from({ length: tieredKeys }, (_, index) => index),
    'zipf',
    orderLength,
  )
  readonly #acknowledged = new Map<number, Written[]>()
  /** Reads whose answer waits for the other process to say what it had written by then. */
  readonly #readings: { readonly key: number; readonly version: number; readonly atMs: number }[] = []
  #written = 0

  constructor(contender: TieredContender, withinMs: number) {
    this.#contender = contender
    this.#withinMs = withinMs
  }

  acknowledged(written: Written): void {
    this.#written++
    this.#acknowledged.set(written.key, [...(this.#acknowledged.get(written.key) ?? []), written])
  }

  async warm(): Promise<void> {
    for (let key = 0; key < tieredKeys; key++) await this.#contender.get(keyOf(key))
  }

  async run(reads: number, write: (keys: readonly number[]) => void): Promise<Metrics> {
    const localBefore = this.#contender.localReads()
    let sent = 0
    const startMs = performance.now()
    for (let index = 0; index < reads; index++) {
      const key = this.#order[index % orderLength] ?? 0
      const atMs = nowMs()
      const version = await this.#contender.get(keyOf(key))
      this.#readings.push({ key, version: version ?? -1, atMs })
      if ((index + 1) % readsPerWrite === 0) {
        write([this.#order[(index * 7919) % orderLength] ?? 0])
        sent++
      }
      if (index % readsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const tookS = (performance.now() - startMs) / 1000
    const local = this.#contender.localReads() - localBefore
    while (this.#written < sent) await new Promise((resolve) => setTimeout(resolve, 10))
    return {
      l1Share: local / reads,
      stale: this.#readings.filter((reading) => this.#isStale(reading)).length,
      readsPerS: reads / tookS,
      writesPerS: sent / tookS,
    }
  }

  #isStale({ key, version, atMs }: { key: number; version: number; atMs: number }): boolean {
    const before = atMs - this.#withinMs - slackMs
    return (this.#acknowledged.get(key) ?? []).some((each) => each.atMs < before && each.version > version)
  }
}

export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
