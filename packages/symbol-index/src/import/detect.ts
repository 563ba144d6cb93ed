import { SymbolIndexError } from '../errors.ts'
import { readHeader } from './csv-records.ts'
import type { CsvDialect, CsvShape } from './csv-records.ts'
import type { FormatId, MasterFormat } from './format.ts'
import { angelJson } from './formats/angel.ts'
import { dhanCompact, dhanDetailed } from './formats/dhan.ts'
import { genericCsv } from './formats/generic.ts'
import type { ColumnMap } from './formats/generic.ts'
import { kiteCsv } from './formats/kite.ts'
import { nasdaqListed, otherListed } from './formats/us-listed.ts'
import { upstoxCsv, upstoxJson } from './formats/upstox.ts'
import { JsonRecords } from './json-records.ts'

const FORMATS: readonly MasterFormat[] = [
  angelJson,
  upstoxJson,
  upstoxCsv,
  kiteCsv,
  dhanCompact,
  dhanDetailed,
  nasdaqListed,
  otherListed,
]
const DELIMITERS = [',', '|', '\t', ';']
const BYTE_ORDER_MARK = '\uFEFF'

/** Formats with a fixed shape, in the order in which they are tried. */
export const FORMAT_IDS: readonly FormatId[] = [...new Set(FORMATS.map(({ id }) => id))]

/** What the caller says about the format. */
export interface FormatHint {
  /** Refuses a source of any other format. */
  readonly format?: FormatId | undefined
  /** Reads any CSV by this map. */
  readonly columns?: ColumnMap | undefined
}

/** A recognised source. */
export interface Detected {
  readonly format: MasterFormat
  /** For CSV. */
  readonly csv: CsvShape | undefined
}

/** Recognises a source by its first bytes, or throws. `head` holds at least the first record or line. */
export async function detect(head: Buffer, hint: FormatHint): Promise<Detected> {
  const text = head.toString('utf8').replace(BYTE_ORDER_MARK, '')
  const first = text.trimStart()[0]
  if (first === undefined) throw new SymbolIndexError('EMPTY_SOURCE', 'The source holds nothing but blanks.')
  if (first === '<') throw htmlSource(text)
  return first === '[' || first === '{' ? detectJson(head, first, hint) : detectCsv(text, hint)
}

function detectJson(head: Buffer, first: string, hint: FormatHint): Detected {
  if (first === '{') {
    throw new SymbolIndexError(
      'UNKNOWN_FORMAT',
      `The source is one JSON object, perhaps an error message: ${head.toString('utf8', 0, 120).trim()}`,
    )
  }
  const columns = jsonColumns(head)
  return { format: choose('json', columns, hint), csv: undefined }
}

/** The keys of the first records: those of a ragged file are not all in one. */
function jsonColumns(head: Buffer): ReadonlySet<string> {
  const columns = new Set<string>()
  for (const record of new JsonRecords().push(head)) {
    if ('keys' in record) for (const key of record.keys()) columns.add(key)
  }
  return columns
}

async function detectCsv(text: string, hint: FormatHint): Promise<Detected> {
  const line = text.trimStart().split(/\r?\n/, 1)[0] ?? ''
  const delimiter =
    DELIMITERS.toSorted((left, right) => line.split(right).length - line.split(left).length)[0] ?? ','
  const dialect: CsvDialect = { delimiter, quoted: delimiter !== '|' }
  const header = await readHeader(line, dialect)
  return { format: choose('csv', new Set(header), hint), csv: { header, dialect } }
}

function choose(syntax: 'json' | 'csv', columns: ReadonlySet<string>, hint: FormatHint): MasterFormat {
  const format =
    hint.columns === undefined ? recognise(syntax, columns, hint.format) : genericCsv(hint.columns)
  if (format.syntax !== syntax) {
    throw new SymbolIndexError(
      'UNKNOWN_FORMAT',
      `A column map was given, but the source is ${syntax.toUpperCase()}.`,
    )
  }
  const missing = format.required.filter((name) => !columns.has(name))
  if (missing.length > 0) {
    throw new SymbolIndexError(
      'MISSING_COLUMN',
      `The source looks like ${format.id} but lacks ${quoteList(missing)}; it has ${quoteList([...columns])}.`,
    )
  }
  return format
}

function recognise(
  syntax: 'json' | 'csv',
  columns: ReadonlySet<string>,
  wanted: FormatId | undefined,
): MasterFormat {
  const candidates = FORMATS.filter((format) => format.syntax === syntax)
  const found = candidates.find(({ signature }) => signature.every((name) => columns.has(name)))
  const named = candidates.find(({ id }) => id === wanted)
  if (wanted !== undefined && found?.id !== wanted && named !== undefined) return named
  if (found !== undefined && (wanted === undefined || found.id === wanted)) return found
  throw new SymbolIndexError(
    'UNKNOWN_FORMAT',
    `No ${wanted ?? 'known'} format has the columns ${quoteList([...columns])}; a CSV can be read with "columns".`,
  )
}

function htmlSource(text: string): SymbolIndexError {
  const title = /<title[^>]*>([^<]{0,80})/i.exec(text)?.[1]?.trim() ?? 'no title'
  return new SymbolIndexError(
    'HTML_SOURCE',
    `The source is a web page ("${title}"), not an instrument master.`,
  )
}

function quoteList(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name.slice(0, 40)))
  return names.length > shown.length ? `${shown.join(', ')}…` : shown.join(', ')
}
