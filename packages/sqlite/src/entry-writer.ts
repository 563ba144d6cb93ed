import type { NewEntry } from '@cache/ports'
import { checkPayload, pushEntry } from './entry-row.ts'
import {
  fewRows,
  manyRows,
  parametersPerRow,
  type CommonColumns,
  type EntryStatements,
} from './entry-statements.ts'
import { addBytes, countsBytes, type FileState } from './file-state.ts'

/**
 * Holds plain upserts back until a statement is full, over all steps of a transaction: a row costs a third less
 * than by itself. Whatever else concerns entries has to {@link settle} first.
 */
export class EntryWriter {
  readonly #statements: EntryStatements
  readonly #state: FileState
  readonly #nowMs: number
  #common: CommonColumns | undefined
  #parameters: unknown[] = []
  /** The highest id before the first row that is not counted by itself. */
  #lastId: number | undefined

  constructor(statements: EntryStatements, state: FileState, nowMs: number) {
    this.#statements = statements
    this.#state = state
    this.#nowMs = nowMs
  }

  get full(): boolean {
    return this.#parameters.length === manyRows * parametersPerRow
  }

  /** @throws CacheError `INVALID_VALUE` */
  put(key: string, version: number, entry: NewEntry, sequence: number): void {
    checkPayload(entry)
    if (this.#common?.version !== version) {
      this.flush()
      this.#common = { version, now: this.#nowMs }
    }
    this.#parameters.push(key)
    pushEntry(this.#parameters, entry, sequence, this.#nowMs)
    addBytes(this.#state, entry.sizeBytes)
  }

  /** Writes what was held back. */
  flush(): void {
    if (this.#parameters.length === 0 || this.#common === undefined) return
    if (countsBytes(this.#state)) this.#writeCounted(this.#parameters, this.#common)
    else this.#writeUncounted(this.#parameters, this.#common)
    this.#parameters = []
  }

  /** The same, and accounts for what it took the place of. */
  settle(): void {
    this.flush()
    if (this.#lastId === undefined) return
    this.#state.entryCount += this.#highestId() - this.#lastId
    this.#lastId = undefined
  }

  #writeCounted(parameters: readonly unknown[], common: CommonColumns): void {
    const { upsert, upsertMany } = this.#statements
    if (this.full) {
      for (const bytes of upsertMany.all(common, ...parameters) as number[]) this.#countReplaced(bytes)
      return
    }
    for (let from = 0; from < parameters.length; from += parametersPerRow)
      this.#countReplaced(upsert.get(common, ...parameters.slice(from, from + parametersPerRow)) as number)
  }

  /** New rows take the ids above the highest, one after another, so that their number shows without RETURNING. */
  #writeUncounted(parameters: readonly unknown[], common: CommonColumns): void {
    this.#lastId ??= this.#highestId()
    const { upsertUncounted, upsertFewUncounted, upsertManyUncounted } = this.#statements
    if (this.full) {
      upsertManyUncounted.run(common, ...parameters)
      return
    }
    const few = fewRows * parametersPerRow
    let from = 0
    for (; from + few <= parameters.length; from += few)
      upsertFewUncounted.run(common, ...parameters.slice(from, from + few))
    for (; from < parameters.length; from += parametersPerRow)
      upsertUncounted.run(common, ...parameters.slice(from, from + parametersPerRow))
  }

  #highestId(): number {
    return this.#statements.lastId.get() as number
  }

  #countReplaced(bytes: number): void {
    if (bytes < 0) this.#state.entryCount++
    else addBytes(this.#state, -bytes)
  }
}
