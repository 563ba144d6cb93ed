import type { NewEntry } from '@cache/core'
import { checkPayload, pushEntry } from './entry-row.ts'
import { parametersPerRow, rowsPerStatement, type EntryStatements } from './entry-statements.ts'
import { addBytes, countsBytes, type FileState } from './file-state.ts'

/**
 * Holds plain upserts back until a statement is full, over all steps of a transaction: a row costs a third less
 * than by itself. Whatever else concerns entries has to {@link settle} first.
 */
export class EntryWriter {
  readonly #statements: EntryStatements
  readonly #state: FileState
  readonly #nowMs: number
  #parameters: unknown[] = []

  constructor(statements: EntryStatements, state: FileState, nowMs: number) {
    this.#statements = statements
    this.#state = state
    this.#nowMs = nowMs
  }

  get full(): boolean {
    return this.#parameters.length === rowsPerStatement * parametersPerRow
  }

  /** @throws CacheError `INVALID_VALUE` */
  put(key: string, version: number, entry: NewEntry, sequence: number): void {
    checkPayload(entry)
    this.#parameters.push(key, version)
    pushEntry(this.#parameters, entry, sequence, this.#nowMs)
    addBytes(this.#state, entry.sizeBytes)
  }

  /** Writes what was held back, and accounts for what it took the place of. */
  settle(): void {
    if (this.#parameters.length === 0) return
    if (!this.full) this.#writeSingly(this.#parameters)
    else if (countsBytes(this.#state)) this.#writeMany(this.#parameters)
    else this.#writeManyUncounted(this.#parameters)
    this.#parameters = []
  }

  #writeSingly(parameters: readonly unknown[]): void {
    for (let from = 0; from < parameters.length; from += parametersPerRow) {
      const row = parameters.slice(from, from + parametersPerRow)
      this.#countReplaced(this.#statements.upsert.get(...row) as number)
    }
  }

  #writeMany(parameters: readonly unknown[]): void {
    for (const bytes of this.#statements.upsertMany.all(...parameters) as number[]) this.#countReplaced(bytes)
  }

  /** New rows take the ids above the highest, one after another, so that their number shows without RETURNING. */
  #writeManyUncounted(parameters: readonly unknown[]): void {
    const { lastId, upsertManyUncounted } = this.#statements
    const before = lastId.get() as number
    upsertManyUncounted.run(...parameters)
    this.#state.entryCount += (lastId.get() as number) - before
  }

  #countReplaced(bytes: number): void {
    if (bytes < 0) this.#state.entryCount++
    else addBytes(this.#state, -bytes)
  }
}
