import { parseUnits } from '../decimal.ts'
import { SymbolIndexError } from '../errors.ts'
import { parseExpiryDay } from '../expiry.ts'
import { INSTRUMENT_TYPES } from '../instrument.ts'
import type { InstrumentType } from '../instrument.ts'

/** What to search for. All conditions must hold; without any, nothing is found. */
export interface SearchQuery {
  /**
   * Words, in any case. Each must be part of the symbol, the broker's symbol, the name or the token, or be
   * equal to the strike.
   */
  readonly query?: string | undefined
  readonly exchange?: string | readonly string[] | undefined
  readonly instrumentType?: InstrumentType | readonly InstrumentType[] | undefined
  /** `28-OCT-25`, `28OCT25` or `2025-10-28`. */
  readonly expiry?: string | undefined
  /** The exact underlying, in any case. */
  readonly underlying?: string | undefined
  readonly strike?: StrikeRange | undefined
  /** Most results returned; the total is of all matches. Default 50. */
  readonly limit?: number | undefined
  /** `true` adds, after all other results, those in which a word of at least 4 letters has one slip. */
  readonly typos?: boolean | undefined
}

/** Inclusive bounds. */
export interface StrikeRange {
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** A query checked and put into the form that the scan uses. */
export interface CompiledQuery {
  /** The words joined by one blank, upper case. */
  readonly text: string
  /** Distinct words, upper case. */
  readonly terms: readonly string[]
  /** `undefined` for all. */
  readonly exchanges: readonly string[] | undefined
  /** A bit for each type, or 0 for all. */
  readonly types: number
  /** 0 for any. */
  readonly expiryDay: number
  readonly underlying: string | undefined
  /** Scaled units, or `undefined` for any strike and for none. */
  readonly strikes: { readonly min: number; readonly max: number } | undefined
  readonly limit: number
  readonly typos: boolean
}

const DEFAULT_LIMIT = 50
const MAX_QUERY_LENGTH = 256
const MAX_TERMS = 16

/** Throws `INVALID_OPTION` for a query that can't be meant. */
export function compileQuery(query: SearchQuery): CompiledQuery {
  const words = splitWords(query.query ?? '')
  return {
    text: words.join(' '),
    terms: [...new Set(words)],
    exchanges: query.exchange === undefined ? undefined : [...new Set([query.exchange].flat())],
    types: typeBits(query.instrumentType),
    expiryDay: query.expiry === undefined ? 0 : requireExpiry(query.expiry),
    underlying: query.underlying?.trim().toUpperCase(),
    strikes: strikeBounds(query.strike),
    limit: requireLimit(query.limit ?? DEFAULT_LIMIT),
    typos: query.typos ?? false,
  }
}

/** Whether the query names no condition at all; it then finds nothing. */
export function isBlank(query: CompiledQuery): boolean {
  const { terms, exchanges, types, expiryDay, underlying, strikes } = query
  const filtered = exchanges !== undefined || underlying !== undefined || strikes !== undefined
  return terms.length === 0 && !filtered && types === 0 && expiryDay === 0
}

function splitWords(text: string): string[] {
  if (text.length > MAX_QUERY_LENGTH) {
    throw invalid(`query is ${text.length} characters long; at most ${MAX_QUERY_LENGTH} are allowed`)
  }
  const words = text.toWellFormed().toUpperCase().split(/\s+/).filter(Boolean)
  if (words.length > MAX_TERMS)
    throw invalid(`query has ${words.length} words; at most ${MAX_TERMS} are allowed`)
  return words
}

function typeBits(types: SearchQuery['instrumentType']): number {
  if (types === undefined) return 0
  return [types].flat().reduce((bits, type) => bits | (1 << requireType(type)), 0)
}

function requireType(type: InstrumentType): number {
  const number = INSTRUMENT_TYPES.indexOf(type)
  if (number === -1) throw invalid(`instrumentType "${type}" is not one of ${INSTRUMENT_TYPES.join(', ')}`)
  return number
}

/** Reads an expiry that a caller gave, or throws `INVALID_OPTION`. */
export function requireExpiry(text: string): number {
  const day = parseExpiryDay(text)
  if (Number.isNaN(day)) throw invalid(`expiry "${text}" is not a date such as 28-OCT-25`)
  return day
}

function strikeBounds(range: StrikeRange | undefined): CompiledQuery['strikes'] {
  if (range === undefined) return undefined
  return { min: bound(range.min, 0, 'strike.min'), max: bound(range.max, Infinity, 'strike.max') }
}

function bound(value: number | undefined, otherwise: number, name: string): number {
  if (value === undefined || Math.abs(value) === Infinity) return value ?? otherwise
  if (Number.isNaN(value)) throw invalid(`${name} is not a number`)
  return Math.sign(value) * parseUnits(Math.abs(value).toFixed(8))
}

function requireLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 0) throw invalid(`limit ${limit} is not a whole number from 0`)
  return limit
}

function invalid(message: string): SymbolIndexError {
  return new SymbolIndexError('INVALID_OPTION', `Search: ${message}.`)
}
