import { refuseUnknown } from '@cache/core'

import type { MasterDifference } from './difference.ts'
import { importInWorker } from './import/import-in-worker.ts'
import { readMaster } from './import/read-master.ts'
import type { ReadOptions } from './import/read-master.ts'
import type { ImportReport } from './import/report.ts'
import type { MasterSource } from './import/source.ts'
import { SymbolSet } from './symbol-set.ts'

export interface ImportOptions extends ReadOptions {
  /**
   * `worker` (the default) keeps this thread free; `inline` needs no second thread, and blocks this one for
   * some 0.2 s when it builds the index.
   */
  readonly thread?: 'worker' | 'inline' | undefined
}

export interface ImportedSet {
  readonly set: SymbolSet
  readonly report: ImportReport
  /** Against `compareWith`. */
  readonly difference: MasterDifference | undefined
}

const OPTIONS = [
  'format',
  'columns',
  'label',
  'expired',
  'maxRejectedRatio',
  'signal',
  'onProgress',
  'compareWith',
  'now',
  'thread',
]

/** Reads an instrument master into a set. Throws `SymbolIndexError` when the source is refused as a whole. */
export async function importMaster(source: MasterSource, options: ImportOptions = {}): Promise<ImportedSet> {
  refuseUnknown(options, OPTIONS, 'importMaster')
  const read = options.thread === 'inline' ? readMaster : importInWorker
  const { buffer, report, difference } = await read(source, options)
  return { set: new SymbolSet(buffer), report, difference }
}
