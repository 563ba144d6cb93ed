import type { ChangesReply, Invalidation, Stamp } from '@cache/ports'
import type { FileState } from './file-state.ts'
import { frontCoded, frontDecoded } from './front-coding.ts'
import type { Statements } from './statements.ts'

/** How many of the latest changes the log keeps at least, and twice that at most. */
const keptChanges = 8192

/** Past this size the log is emptied, whatever it holds; others then start over. */
const maxChars = 8 * 1024 * 1024

const kinds = { keys: 0, tags: 1, clear: 2 } as const

interface LogRow {
  /** Of the last change in the row. A row of keys holds one change for each, numbered without a gap. */
  readonly sequence: number
  readonly kind: number
  /** Keys are front-coded; tags are not, because their number has no bound but that of their text. */
  readonly names: string
}

/** Collects the changes of one transaction and writes them as few rows as their order allows. */
export class ChangeRecorder {
  readonly #statements: Statements
  readonly #state: FileState
  #keys: string[] = []

  constructor(statements: Statements, state: FileState) {
    this.#statements = statements
    this.#state = state
  }

  /** Takes the next sequence for a change of one key. */
  key(key: string): number {
    if (this.#keys.length >= keptChanges) this.#writeKeys()
    this.#keys.push(key)
    return ++this.#state.sequence
  }

  /** Takes the next sequence for a change of tags. */
  tags(tags: readonly string[]): number {
    this.#writeKeys()
    this.#append(++this.#state.sequence, kinds.tags, JSON.stringify(tags))
    return this.#state.sequence
  }

  /** Takes the next sequence for a clear. */
  clear(): number {
    this.#writeKeys()
    this.#append(++this.#state.sequence, kinds.clear, '[]')
    return this.#state.sequence
  }

  /** Writes what is left and keeps the log within its bounds. */
  finish(): void {
    this.#writeKeys()
    const { sequence, logFloor, logChars } = this.#state
    if (logChars > maxChars) this.#trim(sequence)
    else if (sequence - logFloor > 2 * keptChanges) this.#trim(sequence - keptChanges)
  }

  #writeKeys(): void {
    if (this.#keys.length === 0) return
    this.#append(this.#state.sequence, kinds.keys, frontCoded(this.#keys))
    this.#keys = []
  }

  #append(sequence: number, kind: number, names: string): void {
    this.#statements.appendLog.run(sequence, kind, names)
    this.#state.logChars += names.length
  }

  #trim(upTo: number): void {
    this.#statements.trimLog.run(upTo)
    this.#state.logFloor = upTo
    this.#state.logChars = this.#statements.logChars.get() as number
  }
}

/** Every change from `sequence` up to `current`, or a reset where the log does not reach back so far. */
export function changesAfter(statements: Statements, sequence: number, current: Stamp): ChangesReply {
  const rows = statements.readLog.all(sequence, current.sequence) as LogRow[]
  const invalidations = rows
    .flatMap((row) => changesOf(row))
    .filter((change) => change.sequence > sequence && change.sequence <= current.sequence)
  const complete = invalidations.length === current.sequence - sequence
  return complete ? { kind: 'log', stamp: current, invalidations } : { kind: 'reset', stamp: current }
}

function changesOf(row: LogRow): Invalidation[] {
  if (row.kind === kinds.clear) return [{ sequence: row.sequence, kind: 'clear' }]
  if (row.kind === kinds.tags)
    return [{ sequence: row.sequence, kind: 'tags', tags: JSON.parse(row.names) as string[] }]
  const names = frontDecoded(row.names)
  const first = row.sequence - names.length + 1
  return names.map((name, index) => ({ sequence: first + index, kind: 'keys', keys: [name] }))
}
