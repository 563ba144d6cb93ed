import { diffMasters } from '../difference.ts'
import type { MasterDifference } from '../difference.ts'
import { SymbolIndexError } from '../errors.ts'
import { SymbolSet } from '../symbol-set.ts'
import { CsvRecords } from './csv-records.ts'
import { detect } from './detect.ts'
import type { FormatHint } from './detect.ts'
import { JsonRecords } from './json-records.ts'
import type { ImportReport } from './report.ts'
import { RowIntake } from './row-intake.ts'
import { describeSource, readSource } from './source.ts'
import type { MasterSource } from './source.ts'

/** How far an import has come. */
export interface ImportProgress {
  readonly phase: 'reading' | 'building' | 'done'
  readonly rowsRead: number
  readonly bytesRead: number
}

export interface ReadOptions extends FormatHint {
  /** What to call the source in the report; by default its path. */
  readonly label?: string | undefined
  /** `drop` leaves out derivatives that have expired. Default `keep`. */
  readonly expired?: 'keep' | 'drop' | undefined
  /** Share of rows that may be rejected before the source is refused. Default 0.05. */
  readonly maxRejectedRatio?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called about twenty times a second at most. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
  /** Reports what differs from this set. */
  readonly compareWith?: SymbolSet | undefined
  /** The present, for telling expired contracts. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** A set as a buffer, and how it came to be. */
export interface ImportedBuffer {
  readonly buffer: SharedArrayBuffer
  readonly report: ImportReport
  /** Against `compareWith`. */
  readonly difference: MasterDifference | undefined
}

const PROGRESS_INTERVAL_MS = 50
const YIELD_AFTER_MS = 8
const HEAD_BYTES = 64 * 1024

/**
 * Reads a master in this thread. While it reads it lets other work in; the last step, building the index,
 * blocks the thread for some 0.2 s, which is why `importMaster` does all of it in a worker.
 */
export async function readMaster(source: MasterSource, options: ReadOptions = {}): Promise<ImportedBuffer> {
  const startedMs = performance.now()
  const { head, chunks } = await takeHead(readSource(source))
  const detected = await detect(head, options)
  const intake = new RowIntake(detected.format, options)
  const parser = detected.csv === undefined ? new JsonRecords() : new CsvRecords(detected.csv)
  const pace = new Pace(options)
  let bytesRead = 0
  for await (const chunk of chunks) {
    bytesRead += chunk.length
    for (const record of parser.push(chunk)) intake.take(record)
    await pace.keep({ phase: 'reading', rowsRead: intake.rowsRead, bytesRead })
  }
  for (const record of await parser.end()) intake.take(record)
  options.onProgress?.({ phase: 'building', rowsRead: intake.rowsRead, bytesRead })
  const label = options.label ?? describeSource(source)
  const buffer = intake.build(label)
  const report = { ...intake.report(label), bytesRead, elapsedMs: performance.now() - startedMs }
  const { compareWith } = options
  const difference = compareWith === undefined ? undefined : diffMasters(compareWith, new SymbolSet(buffer))
  options.onProgress?.({ phase: 'done', rowsRead: intake.rowsRead, bytesRead })
  return { buffer, report, difference }
}

/** Reports progress, lets other work in, and stops when the caller says so. */
class Pace {
  readonly #options: ReadOptions
  #yieldedMs = performance.now()
  #reportedMs = 0

  constructor(options: ReadOptions) {
    this.#options = options
  }

  async keep(progress: ImportProgress): Promise<void> {
    const { signal, onProgress } = this.#options
    if (signal?.aborted === true) {
      throw new SymbolIndexError('ABORTED', 'The import was aborted.', { cause: signal.reason })
    }
    const nowMs = performance.now()
    if (nowMs - this.#reportedMs >= PROGRESS_INTERVAL_MS) {
      this.#reportedMs = nowMs
      onProgress?.(progress)
    }
    if (nowMs - this.#yieldedMs < YIELD_AFTER_MS) return
    await new Promise(setImmediate)
    this.#yieldedMs = performance.now()
  }
}

/** Enough of the source to recognise it, and all of it again. */
async function takeHead(
  source: AsyncGenerator<Buffer>,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  const parts: Buffer[] = []
  let length = 0
  while (length < HEAD_BYTES) {
    const next = await source.next()
    if (next.done === true) break
    parts.push(next.value)
    length += next.value.length
  }
  const head = Buffer.concat(parts)
  async function* chunks(): AsyncGenerator<Buffer> {
    yield head
    yield* source
  }
  return { head, chunks: chunks() }
}
