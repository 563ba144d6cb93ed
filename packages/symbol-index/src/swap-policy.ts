import { refuseUnknown } from '@cache/core'

import { SymbolIndexError } from './errors.ts'
import type { SymbolSet } from './symbol-set.ts'

export interface SymbolIndexOptions {
  /** How far the number of rows may be from that of the last good set before an import is refused. */
  readonly rowCountTolerance?: RowCountTolerance | undefined
  /** Refuses a set whose buffer is larger. While a set is swapped, the old one is in memory too. */
  readonly memoryBudgetBytes?: number | undefined
  /** The present. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

export interface RowCountTolerance {
  /** Share of the rows that may be missing. Default 0.2. */
  readonly shrink?: number | undefined
  /** Share of the rows by which there may be more. Default 1: twice as many. */
  readonly growth?: number | undefined
}

/** The options with their defaults. */
export interface SwapPolicy {
  readonly shrink: number
  readonly growth: number
  readonly memoryBudgetBytes: number | undefined
  readonly now: () => number
}

const OPTIONS = ['rowCountTolerance', 'memoryBudgetBytes', 'now']
const DEFAULT_SHRINK = 0.2
const DEFAULT_GROWTH = 1

/** Checks the options; throws `INVALID_OPTION`, naming the one at fault. */
export function resolveOptions(options: SymbolIndexOptions): SwapPolicy {
  refuseUnknown(options, OPTIONS, 'SymbolIndex')
  const { rowCountTolerance, memoryBudgetBytes, now } = options
  refuseUnknown(rowCountTolerance ?? {}, ['shrink', 'growth'], 'rowCountTolerance')
  const shrink = rowCountTolerance?.shrink ?? DEFAULT_SHRINK
  const growth = rowCountTolerance?.growth ?? DEFAULT_GROWTH
  if (!(shrink >= 0 && shrink <= 1)) throw invalid('rowCountTolerance.shrink', shrink, 'from 0 to 1')
  if (!(growth >= 0)) throw invalid('rowCountTolerance.growth', growth, 'from 0')
  if (memoryBudgetBytes !== undefined && !(memoryBudgetBytes > 0)) {
    throw invalid('memoryBudgetBytes', memoryBudgetBytes, 'above 0')
  }
  return { shrink, growth, memoryBudgetBytes, now: now ?? Date.now }
}

/** Throws when a set must not take the place of another. `anySize` leaves the number of rows out of it. */
export function checkSwap(policy: SwapPolicy, before: SymbolSet, after: SymbolSet, anySize: boolean): void {
  const { memoryBudgetBytes } = policy
  const bytes = after.buffer.byteLength
  if (memoryBudgetBytes !== undefined && bytes > memoryBudgetBytes) {
    throw new SymbolIndexError(
      'MEMORY_BUDGET_EXCEEDED',
      `The set needs ${bytes} bytes; memoryBudgetBytes is ${memoryBudgetBytes}.`,
    )
  }
  if (anySize || before.size === 0) return
  const least = before.size * (1 - policy.shrink)
  const most = before.size * (1 + policy.growth)
  if (after.size >= least && after.size <= most) return
  throw new SymbolIndexError(
    'ROW_COUNT_OUT_OF_TOLERANCE',
    `The master has ${after.size} rows, the one in use ${before.size}. Import with "force" if that is right.`,
  )
}

function invalid(name: string, value: number, range: string): SymbolIndexError {
  return new SymbolIndexError('INVALID_OPTION', `${name} is ${value}; it must be a number ${range}.`)
}
