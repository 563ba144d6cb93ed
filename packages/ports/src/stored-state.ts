import { valueFormat } from './value-format.ts'
import type { NewEntry, StoredEntry } from './backend.ts'
import type { Step } from './step.ts'

/** What a step makes of what is stored. */
export interface SteppedEntry<O> {
  readonly output: O
  /** To be written, on condition that nothing else was meanwhile; `'remove'` where nothing is to remain. */
  readonly write: NewEntry | 'remove' | undefined
}

/** When a step runs: the store's own time, where the store tells it. */
export interface StepMoment {
  /** Absent where only durations cross the port: then time runs from entry to entry, by their ages. */
  readonly nowMs?: number | undefined
  /** Of the entry that is written. */
  readonly revision: string
}

/**
 * Runs a step on a stored entry. The payload is the time at which it was written and the state, so that a store needs
 * no time of its own: what has passed since is the entry's age.
 */
export function stepEntry<S, I, O>(
  step: Step<S, I, O>,
  input: I,
  found: StoredEntry | undefined,
  moment: StepMoment,
): SteppedEntry<O> {
  const stored = found && readState(found, step)
  const byAgeMs = stored ? stored.atMs + Math.max(0, found?.ageMs ?? 0) : 0
  const nowMs = Math.max(moment.nowMs ?? byAgeMs, stored?.atMs ?? 0)
  const { output, state, keptForMs } = step.run(stored?.state, input, nowMs)
  if (state === undefined) return { output, write: undefined }
  if (!(keptForMs > 0)) return { output, write: found ? 'remove' : undefined }
  return { output, write: stateEntry(`${nowMs} ${step.encode(state)}`, keptForMs, moment.revision) }
}

function readState<S, I, O>(
  { payload }: StoredEntry,
  step: Step<S, I, O>,
): { readonly atMs: number; readonly state: S } {
  const text = String(payload)
  const end = text.indexOf(' ')
  return { atMs: Number(text.slice(0, end)), state: step.decode(text.slice(end + 1)) }
}

function stateEntry(payload: string, keptForMs: number, revision: string): NewEntry {
  // Stores may count in whole milliseconds: a state that ends early would be forgotten early.
  const lastsMs = Math.ceil(keptForMs) + 1
  return {
    payload,
    format: valueFormat.state,
    sizeBytes: payload.length,
    freshForMs: lastsMs,
    keptForMs: lastsMs,
    ageMs: 0,
    loadMs: 0,
    revision,
    version: undefined,
    tags: [],
  }
}
