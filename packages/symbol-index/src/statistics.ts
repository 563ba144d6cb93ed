import type { SymbolIndexErrorCode } from './errors.ts'
import type { SetNotice } from './events.ts'

/** Figures for a health endpoint. */
export interface SymbolIndexStatistics {
  /** The set in use; `undefined` before the first. */
  readonly current: SetNotice | undefined
  readonly size: number
  readonly countByExchange: Readonly<Record<string, number>>
  /** Format and name of the source; empty before the first. */
  readonly format: string
  readonly source: string
  /** When this index began to use the set. */
  readonly loadedAtMs: number | undefined
  readonly memory: {
    /** The buffer with store and indexes. */
    readonly bytes: number
    readonly bytesPerRow: number
    readonly budgetBytes: number | undefined
  }
  /** Since the index was made. */
  readonly lookups: { readonly hits: number; readonly misses: number; readonly hitRatio: number }
  readonly searches: number
  readonly swaps: number
  readonly failures: number
  readonly lastFailure:
    | { readonly code: SymbolIndexErrorCode; readonly message: string; readonly atMs: number }
    | undefined
}
