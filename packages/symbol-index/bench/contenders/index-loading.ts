import { monitorEventLoopDelay } from 'node:perf_hooks'

import { importMaster, loadSnapshot, syntheticMaster } from '../../src/index.ts'
import type { Contender } from '../contender.ts'
import { processorMs } from '../measure.ts'

const NANOSECONDS = 1e6
const MICROSECONDS = 1e3

/** From the call to the first answer, in a process that has done nothing else. */
export const snapshotLoad: Contender = async ({ snapshot }) => {
  const startMs = performance.now()
  const set = await loadSnapshot(snapshot)
  set.get('NIFTY', 'NSE_INDEX')
  return { snapshot_load_ms: performance.now() - startMs }
}

/** Reading the master in its worker, and what this thread notices of it; and whether every row can be found. */
export const masterImport: Contender = async ({ data }) => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const blocks = new BlockWatch()
  const processor = process.cpuUsage()
  const startMs = performance.now()
  const { set, report } = await importMaster(data === '' ? syntheticMaster() : data)
  const importMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(processor)
  delay.disable()
  blocks.end()
  let reachable = 0
  for (const row of set.instruments()) {
    const byToken = set.getByToken(row.token, row.exchange)
    const bySymbol = set.get(row.symbol, row.exchange)
    if (byToken?.symbol === row.symbol || bySymbol?.token === row.token) reachable++
  }
  const expected = report.rowsRead - report.skipped - (report.duplicates.byReason.identical ?? 0)
  return {
    import_ms: importMs,
    import_processor_ms: (user + system) / MICROSECONDS,
    import_max_block_ms: blocks.longestMs,
    import_max_delay_ms: delay.max / NANOSECONDS,
    rows: set.size,
    reachable_ratio: reachable / expected,
  }
}

/** The most processor time that this thread spent between two turns of its event loop. */
class BlockWatch {
  longestMs = 0
  #lastMs = processorMs()
  readonly #timer = setInterval(() => this.#tick(), 1)

  end(): void {
    this.#tick()
    clearInterval(this.#timer)
  }

  #tick(): void {
    const nowMs = processorMs()
    this.longestMs = Math.max(this.longestMs, nowMs - this.#lastMs)
    this.#lastMs = nowMs
  }
}
