import { SymbolIndexError } from '../errors.ts'
import { compactExpiry, dayInKolkata } from '../expiry.ts'
import { FRIDAY, monthlyExpiries, THURSDAY, TUESDAY, weeklyExpiries } from './calendar.ts'
import {
  BSE_INDEX_OPTIONS,
  BSE_INDICES,
  COMMODITIES,
  COMPANY_SUFFIXES,
  CURRENCIES,
  INDEX_OPTIONS,
  NSE_INDICES,
  STOCKS,
  SYLLABLES,
} from './market.ts'
import type { Underlying } from './market.ts'
import { Random } from './random.ts'

export interface SyntheticOptions {
  /** The same seed, date and number of rows give the same bytes. Default 1. */
  readonly seed?: number | undefined
  /** The day on which the master is published; expiries follow from it. Default: the present. */
  readonly dateMs?: number | undefined
  /** Default 142,338, the size that OpenAlgo documents. At least 100. */
  readonly rows?: number | undefined
}

/** A row in Angel One's form. */
interface Row {
  readonly token: string
  readonly symbol: string
  readonly name: string
  readonly expiry: string
  readonly strike: string
  readonly lotsize: string
  readonly instrumenttype: string
  readonly exch_seg: string
  readonly tick_size: string
}

/** An underlying's contracts of one expiry. */
interface Series {
  readonly exchange: string
  readonly underlying: Underlying
  readonly day: number
  /** Suffix of the instrument type: `IDX`, `STK`, `COM`, `CUR`. */
  readonly kind: string
  readonly weekly: boolean
}

const DEFAULT_ROWS = 142_338
const MIN_ROWS = 100
const OPTION_STOCKS = 180
const ROWS_PER_CHUNK = 500
const PAISE = 100
const CURRENCY_SCALE = 10 ** 7
const FULL_YEAR = 2000

/**
 * An invented market as bytes in Angel One's format, to be imported like a downloaded file. Tokens are unique
 * within an exchange, and repeat between exchanges and from day to day, as real ones do.
 */
export async function* syntheticMaster(options: SyntheticOptions = {}): AsyncGenerator<Uint8Array> {
  const rows = options.rows ?? DEFAULT_ROWS
  if (!Number.isInteger(rows) || rows < MIN_ROWS) {
    throw new SymbolIndexError('INVALID_OPTION', `rows ${rows} is not a whole number from ${MIN_ROWS}.`)
  }
  const encoder = new TextEncoder()
  let texts: string[] = []
  let separator = '['
  for (const row of market(options, rows)) {
    texts.push(JSON.stringify(row))
    if (texts.length < ROWS_PER_CHUNK) continue
    yield encoder.encode(separator + texts.join(','))
    separator = ','
    texts = []
  }
  yield encoder.encode((texts.length === 0 ? '' : separator + texts.join(',')) + ']')
}

function* market(options: SyntheticOptions, rows: number): Generator<Row> {
  const random = new Random(options.seed ?? 1)
  const today = dayInKolkata(options.dateMs ?? Date.now())
  const tokens = new Tokens(random, today)
  const companies = inventCompanies(random, Math.floor(rows * 0.08))
  let left = rows
  for (const row of allRows({ companies, today, tokens })) {
    if (left-- === 0) return
    yield row
  }
}

interface Market {
  readonly companies: readonly string[]
  readonly today: number
  readonly tokens: Tokens
}

/** More rows than anyone asks for, the important ones first: indices, shares, futures, options. */
function* allRows(parts: Market): Generator<Row> {
  const { companies, today, tokens } = parts
  yield* indices(tokens)
  for (const name of companies) {
    yield share(tokens, 'NSE', name, `${name}-EQ`)
    yield share(tokens, 'BSE', name, name)
  }
  const series = allSeries(companies.slice(0, OPTION_STOCKS), today)
  for (const one of series.filter(({ weekly }) => !weekly)) yield future(tokens, one)
  for (let distance = 0; ; distance++) for (const one of series) yield* strikes(tokens, one, distance)
}

function* indices(tokens: Tokens): Generator<Row> {
  for (const [listed, name] of NSE_INDICES) yield index(tokens, 'NSE', listed, name)
  for (const [listed, name] of BSE_INDICES) yield index(tokens, 'BSE', listed, name)
}

function index(tokens: Tokens, exchange: string, symbol: string, name: string): Row {
  const fields = {
    expiry: '',
    strike: '0.000000',
    lotsize: '1',
    instrumenttype: 'AMXIDX',
    tick_size: '0.000000',
  }
  return { token: `99${tokens.next(exchange)}`, symbol, name, exch_seg: exchange, ...fields }
}

function share(tokens: Tokens, exchange: string, name: string, symbol: string): Row {
  const fields = { expiry: '', strike: '-1.000000', lotsize: '1', instrumenttype: '', tick_size: '5.000000' }
  return { token: tokens.next(exchange), symbol, name, exch_seg: exchange, ...fields }
}

function future(tokens: Tokens, series: Series): Row {
  const { underlying, day, exchange } = series
  const symbol = `${underlying.name}${compactExpiry(day)}FUT`
  return contract(tokens, series, { symbol, type: 'FUT', strike: exchange === 'MCX' ? 0 : -1 / PAISE })
}

function* strikes(tokens: Tokens, series: Series, distance: number): Generator<Row> {
  const { underlying, day } = series
  const centre = Math.round(underlying.price / underlying.step)
  for (const steps of distance === 0 ? [centre] : [centre - distance, centre + distance]) {
    const strike = steps * underlying.step
    if (strike <= 0) continue
    for (const side of ['CE', 'PE']) {
      yield contract(tokens, series, {
        symbol: underlying.name + compactExpiry(day) + strike + side,
        type: 'OPT',
        strike,
      })
    }
  }
}

function contract(
  tokens: Tokens,
  { underlying, exchange, kind, day }: Series,
  { symbol, type, strike }: { symbol: string; type: 'FUT' | 'OPT'; strike: number },
): Row {
  const scale = exchange === 'CDS' ? CURRENCY_SCALE : PAISE
  return {
    token: tokens.next(exchange),
    symbol,
    name: underlying.name,
    expiry: fullExpiry(day),
    strike: (strike * scale).toFixed(6),
    lotsize: String(underlying.lot),
    instrumenttype: type + (kind === 'COM' && type === 'OPT' ? 'FUT' : kind),
    exch_seg: exchange,
    tick_size: ((exchange === 'CDS' ? 0.0025 : 0.05) * scale).toFixed(6),
  }
}

/** `28OCT2025`. */
function fullExpiry(day: number): string {
  const compact = compactExpiry(day)
  return compact.slice(0, 5) + String(FULL_YEAR + Number(compact.slice(5)))
}

function allSeries(stocks: readonly string[], today: number): Series[] {
  const weeks = (weekday: number): number[] => weeklyExpiries(today, weekday, 5)
  const months = (weekday: number): number[] => monthlyExpiries(today, weekday, 3)
  const shares = stocks.map((name, at): Underlying => ({
    name,
    price: 100 + 37 * at,
    step: stepFor(100 + 37 * at),
    lot: 25 * (1 + (at % 40)),
  }))
  return [
    ...chains('NFO', INDEX_OPTIONS.slice(0, 1), {
      kind: 'IDX',
      monthly: months(TUESDAY),
      weekly: weeks(TUESDAY),
    }),
    ...chains('NFO', INDEX_OPTIONS.slice(1), { kind: 'IDX', monthly: months(TUESDAY), weekly: [] }),
    ...chains('BFO', BSE_INDEX_OPTIONS.slice(0, 1), {
      kind: 'IDX',
      monthly: months(THURSDAY),
      weekly: weeks(THURSDAY),
    }),
    ...chains('BFO', BSE_INDEX_OPTIONS.slice(1), { kind: 'IDX', monthly: months(THURSDAY), weekly: [] }),
    ...chains('MCX', COMMODITIES, { kind: 'COM', monthly: months(FRIDAY), weekly: [] }),
    ...chains('CDS', CURRENCIES, { kind: 'CUR', monthly: months(FRIDAY), weekly: weeks(FRIDAY) }),
    ...chains('NFO', shares, { kind: 'STK', monthly: months(TUESDAY), weekly: [] }),
    ...chains('BFO', shares.slice(0, 60), { kind: 'STK', monthly: months(THURSDAY), weekly: [] }),
  ]
}

/** One series for each underlying and expiry; a weekly expiry that is also a monthly one is left out. */
function chains(
  exchange: string,
  underlyings: readonly Underlying[],
  { kind, monthly, weekly }: { kind: string; monthly: readonly number[]; weekly: readonly number[] },
): Series[] {
  return underlyings.flatMap((underlying) => [
    ...monthly.map((day) => ({ exchange, underlying, day, kind, weekly: false })),
    ...weekly
      .filter((day) => !monthly.includes(day))
      .map((day) => ({ exchange, underlying, day, kind, weekly: true })),
  ])
}

function stepFor(price: number): number {
  return price < 250 ? 2.5 : price < 1000 ? 10 : 20
}

function inventCompanies(random: Random, count: number): string[] {
  const names = new Set<string>(STOCKS.slice(0, count))
  while (names.size < count) {
    const syllables = Array.from({ length: random.integer(1, 3) }, () => random.pick(SYLLABLES))
    names.add(syllables.join('') + (random.next() < 0.4 ? random.pick(COMPANY_SUFFIXES) : ''))
  }
  return [...names]
}

/** Tokens grow by small random steps in each exchange, from a start that moves from day to day. */
class Tokens {
  readonly #random: Random
  readonly #start: number
  readonly #last = new Map<string, number>()

  constructor(random: Random, today: number) {
    this.#random = random
    this.#start = 1000 + (today % 50) * 7
  }

  next(exchange: string): string {
    const token = (this.#last.get(exchange) ?? this.#start) + this.#random.integer(1, 3)
    this.#last.set(exchange, token)
    return String(token)
  }
}
