import type { NewEntry } from '@cache/ports'
import { checkPayload, commonColumns, pushOwn, rowFormat, type CommonColumns } from './entry-row.ts'
import { fewRows, manyRows, parametersPerRow, type EntryStatements } from './entry-statements.ts'
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
  #rows = 0
  /** The highest id before the first row that is not counted by itself. */
  #lastId: number | undefined

  constructor(statements: EntryStatements, state: FileState, nowMs: number) {
    this.#statements = statements
    this.#state = state
    this.#nowMs = nowMs
  }

  get full(): boolean {
    return this.#rows === manyRows
  }

  /** @throws CacheError `INVALID_VALUE` */
  put(key: string, version: number, entry: NewEntry, sequence: number): void {
    checkPayload(entry)
    if (!this.#goesAlong(version, entry, sequence)) {
      this.flush()
      this.#common = commonColumns(entry, { version, now: this.#nowMs, sequence })
    }
    pushOwn(this.#parameters, key, entry, this.#common as CommonColumns)
    this.#rows++
    addBytes(this.#state, entry.sizeBytes)
  }

  /** Whether a row has in common with those held back what the rows of a statement must. */
  #goesAlong(version: number, entry: NewEntry, sequence: number): boolean {
    const common = this.#common
    return (
      this.#rows > 0 &&
      common?.version === version &&
      common.sequence + this.#rows === sequence &&
      common.loadMs === entry.loadMs &&
      common.bornAt === this.#nowMs - entry.ageMs &&
      common.format === rowFormat(entry)
    )
  }

  /** Writes what was held back. */
  flush(): void {
    if (this.#rows === 0 || this.#common === undefined) return
    if (countsBytes(this.#state)) this.#writeCounted(this.#parameters, this.#common)
    else this.#writeUncounted(this.#parameters, this.#common)
    this.#parameters = []
    this.#rows = 0
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
    for (let row = 0; row < this.#rows; row++)
      this.#countReplaced(upsert.get(...rowsOf(parameters, common, row, 1)) as number)
  }

  /** New rows take the ids above the highest, one after another, so that their number shows without RETURNING. */
  #writeUncounted(parameters: readonly unknown[], common: CommonColumns): void {
    this.#lastId ??= this.#highestId()
    const { upsertUncounted, upsertFewUncounted, upsertManyUncounted } = this.#statements
    if (this.full) {
      upsertManyUncounted.run(common, ...parameters)
      return
    }
    let row = 0
    for (; row + fewRows <= this.#rows; row += fewRows)
      upsertFewUncounted.run(...rowsOf(parameters, common, row, fewRows))
    for (; row < this.#rows; row++) upsertUncounted.run(...rowsOf(parameters, common, row, 1))
  }

  #highestId(): number {
    return this.#statements.lastId.get() as number
  }

  #countReplaced(bytes: number): void {
    if (bytes < 0) this.#state.entryCount++
    else addBytes(this.#state, -bytes)
  }
}

/** The parameters of a statement for `count` of the rows. */
function rowsOf(
  parameters: readonly unknown[],
  common: CommonColumns,
  first: number,
  count: number,
): unknown[] {
  const own = parameters.slice(first * parametersPerRow, (first + count) * parametersPerRow)
  return [first === 0 ? common : { ...common, sequence: common.sequence + first }, ...own]
}
