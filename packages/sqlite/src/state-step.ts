import { randomUUID } from 'node:crypto'
import { stepEntry, type Step } from '@cache/ports'
import { storedEntry, type EntryRow } from './entry-row.ts'
import { writeEntry } from './entry-steps.ts'
import type { EntryAddress, Transaction } from './transaction.ts'

/** Runs a step on the state of a row. It is no change that anybody is told of, so the sequence stays as it is. */
export function stateStep<S, I, O>(tx: Transaction, at: EntryAddress, step: Step<S, I, O>, input: I): O {
  const row = tx.entries.entry.get(at.key, at.version) as EntryRow | undefined
  const found = row !== undefined && row.goneAt > tx.nowMs ? storedEntry(row, tx.nowMs) : undefined
  const { output, write } = stepEntry(step, input, found, { nowMs: tx.exactMs, revision: randomUUID() })
  if (write === 'remove') tx.countRemoved(tx.entries.deleteEntry.all(at.key, at.version) as number[])
  else if (write !== undefined) writeEntry(tx, at, write, tx.state.sequence)
  return output
}
