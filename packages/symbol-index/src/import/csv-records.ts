import { parse } from 'csv-parse'
import type { CsvError, Options, Parser } from 'csv-parse'

import { SymbolIndexError } from '../errors.ts'
import type { ParsedRecord } from './records.ts'

const MAX_RECORD_BYTES = 1024 * 1024

/** How fields are separated; only comma-separated files quote them. */
export interface CsvDialect {
  readonly delimiter: string
  readonly quoted: boolean
}

/** A CSV's columns and how they are separated. */
export interface CsvShape {
  readonly header: readonly string[]
  readonly dialect: CsvDialect
}

/** What csv-parse gives with `info: true`. */
interface ParsedLine {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** Reads CSV as it arrives, through csv-parse. The first record is the header and is left out. */
export class CsvRecords {
  readonly #parser: Parser
  readonly #columns: ReadonlyMap<string, number>
  #row = -1
  #failure: CsvError | undefined

  constructor({ header, dialect }: CsvShape) {
    this.#columns = new Map(header.map((name, index) => [name, index]))
    this.#parser = parse({ ...parserOptions(dialect), info: true })
    this.#parser.on('error', (error: CsvError) => (this.#failure ??= error))
  }

  /** The records that end in this chunk. */
  push(chunk: Buffer): ParsedRecord[] {
    this.#parser.write(chunk)
    if (this.#failure !== undefined) throw csvFailure(this.#failure)
    const records: ParsedRecord[] = []
    for (let line = this.#read(); line !== null; line = this.#read()) this.#take(line, records)
    return records
  }

  /** The records left after the last chunk. */
  async end(): Promise<ParsedRecord[]> {
    const records: ParsedRecord[] = []
    this.#parser.end()
    try {
      for await (const line of this.#parser) this.#take(line as ParsedLine, records)
    } catch (cause) {
      throw csvFailure(cause as CsvError)
    }
    return records
  }

  #read(): ParsedLine | null {
    return this.#parser.read() as ParsedLine | null
  }

  #take({ record, info }: ParsedLine, records: ParsedRecord[]): void {
    this.#row++
    if (this.#row === 0) return
    const breaks = countBreaks(record)
    const place = { row: this.#row, line: info.lines - breaks }
    if (breaks > 0) {
      const detail = `a quote joins lines ${place.line} to ${info.lines}`
      records.push({ ...place, broken: 'malformed', detail })
    } else if (record.length !== this.#columns.size) {
      records.push({ ...place, broken: 'column-count', detail: record.join(',') })
    } else {
      const field = (column: string): string | undefined => record[this.#columns.get(column) ?? -1]
      records.push({ ...place, field, describe: () => record.join(',') })
    }
  }
}

/** Line breaks inside fields: no master has them, so they mean that a quote was left open. */
function countBreaks(record: readonly string[]): number {
  return record.reduce(
    (count, field) => (field.includes('\n') ? count + field.split('\n').length - 1 : count),
    0,
  )
}

/** Reads the header line of a CSV. */
export async function readHeader(line: string, dialect: CsvDialect): Promise<string[]> {
  try {
    for await (const record of parse(line, parserOptions(dialect)))
      return (record as string[]).map((name) => name.trim())
  } catch (cause) {
    throw csvFailure(cause as CsvError)
  }
  return []
}

function parserOptions({ delimiter, quoted }: CsvDialect): Options {
  return {
    bom: true,
    delimiter,
    quote: quoted ? '"' : false,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
  }
}

function csvFailure(cause: CsvError): SymbolIndexError {
  if (cause.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new SymbolIndexError(
      'TRUNCATED_SOURCE',
      'The CSV ends inside a quoted field. Download it again.',
      { cause },
    )
  }
  return new SymbolIndexError('CORRUPT_SOURCE', `The CSV can't be read: ${cause.message}.`, { cause })
}
