import { SymbolIndexError } from './errors.ts'
import { formatExpiry, isLive } from './expiry.ts'
import { Instrument, INSTRUMENT_TYPES } from './instrument.ts'
import { unitsToNumber } from './decimal.ts'
import { requireExpiry } from './search/query.ts'
import type { SymbolColumns } from './store/columns.ts'

/** Which derivatives count. */
export type DerivativeKind = 'options' | 'futures'

export interface UnderlyingsQuery {
  readonly exchange: string
  /** Default: either. */
  readonly kind?: DerivativeKind | undefined
  /** Contracts that have expired at this instant don't count. Default `Date.now()`. */
  readonly nowMs?: number | undefined
}

export interface ExpiriesQuery extends UnderlyingsQuery {
  /** Default: all underlyings of the exchange. */
  readonly underlying?: string | undefined
}

export interface OptionChainQuery {
  readonly exchange: string
  readonly underlying: string
  /** `28-OCT-25`, `28OCT25` or `2025-10-28`. */
  readonly expiry: string
}

/** Call and put at one strike; either can be missing. */
export interface ChainRow {
  readonly strike: number
  readonly ce: Instrument | undefined
  readonly pe: Instrument | undefined
}

export interface OptionQuery extends OptionChainQuery {
  /** `ATM`, `ITM1`…, `OTM1`…: steps along the strikes that exist. */
  readonly offset: string
  readonly optionType: 'CE' | 'PE'
  /** Price of the underlying; at the money is the strike nearest to it, of two the lower. */
  readonly price: number
}

export interface NearestFutureQuery {
  readonly exchange: string
  /** Exact: `GOLD` is not `GOLDM`. */
  readonly underlying: string
  readonly nowMs?: number | undefined
}

const CE = INSTRUMENT_TYPES.indexOf('CE')
const PE = INSTRUMENT_TYPES.indexOf('PE')
const FUT = INSTRUMENT_TYPES.indexOf('FUT')
const OFFSET = /^(ATM|ITM|OTM)(\d{1,3})?$/i

/** What a group of contracts holds. */
interface ContractGroup {
  readonly group: number
  readonly expiryDay: number
  readonly options: boolean
  readonly futures: boolean
}

/** Questions about futures and options. The groups are sorted by underlying when the first is asked. */
export class Derivatives {
  readonly #columns: SymbolColumns
  #byExchange: ReadonlyMap<string, ReadonlyMap<string, readonly ContractGroup[]>> | undefined

  constructor(columns: SymbolColumns) {
    this.#columns = columns
  }

  /** Live expiries as `DD-MMM-YY`, the nearest first. */
  expiries(query: ExpiriesQuery): string[] {
    const days = new Set<number>()
    const ofExchange = this.#groups().get(query.exchange)
    const wanted =
      query.underlying === undefined
        ? [...(ofExchange?.values() ?? [])].flat()
        : (ofExchange?.get(query.underlying.toUpperCase()) ?? [])
    for (const group of wanted) if (counts(group, query)) days.add(group.expiryDay)
    return [...days].sort((left, right) => left - right).map(formatExpiry)
  }

  /** Underlyings with a live contract, in alphabetical order. */
  underlyings(query: UnderlyingsQuery): string[] {
    const found: string[] = []
    for (const [underlying, groups] of this.#groups().get(query.exchange) ?? []) {
      if (groups.some((group) => counts(group, query))) found.push(underlying)
    }
    return found.sort()
  }

  /** Every strike of one expiry, the lowest first. */
  optionChain(query: OptionChainQuery): ChainRow[] {
    const day = requireExpiry(query.expiry)
    const { specTypes, rowSpec } = this.#columns.sections
    const byStrike = new Map<number, { ce?: Instrument; pe?: Instrument }>()
    for (const row of this.#rows(query, (group) => group.expiryDay === day && group.options)) {
      const type = specTypes[rowSpec[row] ?? 0]
      if (type !== CE && type !== PE) continue
      const units = this.#columns.strikeUnits(row)
      const pair = byStrike.get(units) ?? {}
      pair[type === CE ? 'ce' : 'pe'] = new Instrument(this.#columns, row)
      byStrike.set(units, pair)
    }
    return [...byStrike]
      .sort(([left], [right]) => left - right)
      .map(([units, { ce, pe }]) => ({ strike: unitsToNumber(units), ce, pe }))
  }

  /** The option so many strikes in or out of the money, or `undefined` beyond the chain's end. */
  optionByOffset(query: OptionQuery): Instrument | undefined {
    const side = query.optionType === 'CE' ? 'ce' : 'pe'
    const steps = strikeSteps(query)
    const instruments = this.optionChain(query).flatMap((row) =>
      row[side] === undefined ? [] : [{ strike: row.strike, instrument: row[side] }],
    )
    const atTheMoney = nearestStrike(
      instruments.map(({ strike }) => strike),
      query.price,
    )
    return instruments[atTheMoney + steps]?.instrument
  }

  /** The live future that expires first. */
  nearestFuture(query: NearestFutureQuery): Instrument | undefined {
    const nowMs = query.nowMs ?? Date.now()
    const { rowSpec, specTypes } = this.#columns.sections
    let nearest: number | undefined
    for (const row of this.#rows(query, (group) => group.futures && isLive(group.expiryDay, nowMs))) {
      if (specTypes[rowSpec[row] ?? 0] !== FUT) continue
      if (nearest === undefined || this.#columns.expiryDay(row) < this.#columns.expiryDay(nearest))
        nearest = row
    }
    return nearest === undefined ? undefined : new Instrument(this.#columns, nearest)
  }

  *#rows(
    { exchange, underlying }: { exchange: string; underlying: string },
    wanted: (group: ContractGroup) => boolean,
  ): Generator<number> {
    const { groupRows } = this.#columns.sections
    for (const group of this.#groups().get(exchange)?.get(underlying.toUpperCase()) ?? []) {
      if (!wanted(group)) continue
      const end = groupRows[group.group + 1] ?? 0
      for (let row = groupRows[group.group] ?? 0; row < end; row++) yield row
    }
  }

  #groups(): ReadonlyMap<string, ReadonlyMap<string, readonly ContractGroup[]>> {
    this.#byExchange ??= groupContracts(this.#columns)
    return this.#byExchange
  }
}

function groupContracts(columns: SymbolColumns): Map<string, Map<string, ContractGroup[]>> {
  const { exchangeGroups, groupExpiry } = columns.sections
  const byExchange = new Map<string, Map<string, ContractGroup[]>>()
  columns.metadata.exchanges.forEach((exchange, number) => {
    const byUnderlying = new Map<string, ContractGroup[]>()
    byExchange.set(exchange, byUnderlying)
    for (let group = exchangeGroups[number] ?? 0; group < (exchangeGroups[number + 1] ?? 0); group++) {
      const underlying = columns.groupUnderlying(group)
      const expiryDay = groupExpiry[group] ?? 0
      if (underlying === undefined || expiryDay === 0) continue
      const groups = byUnderlying.get(underlying) ?? []
      groups.push({ group, expiryDay, ...contents(columns, group) })
      byUnderlying.set(underlying, groups)
    }
  })
  return byExchange
}

function contents({ sections }: SymbolColumns, group: number): { options: boolean; futures: boolean } {
  const { groupRows, rowSpec, specTypes } = sections
  let options = false
  let futures = false
  for (let row = groupRows[group] ?? 0; row < (groupRows[group + 1] ?? 0); row++) {
    const type = specTypes[rowSpec[row] ?? 0]
    options ||= type === CE || type === PE
    futures ||= type === FUT
  }
  return { options, futures }
}

function counts(group: ContractGroup, { kind, nowMs = Date.now() }: UnderlyingsQuery): boolean {
  const ofKind = kind === undefined || (kind === 'options' ? group.options : group.futures)
  return ofKind && isLive(group.expiryDay, nowMs)
}

/** Upwards is out of the money for a call, into the money for a put. */
function strikeSteps({ offset, optionType }: OptionQuery): number {
  const [, side, steps] = OFFSET.exec(offset) ?? []
  const atTheMoney = side?.toUpperCase() === 'ATM'
  if (side === undefined || atTheMoney === (steps !== undefined) || Number(steps) === 0) {
    throw new SymbolIndexError('INVALID_OPTION', `offset "${offset}" is not ATM, ITM1… or OTM1….`)
  }
  if (atTheMoney) return 0
  const upwards = (side.toUpperCase() === 'OTM') === (optionType === 'CE')
  return upwards ? Number(steps) : -Number(steps)
}

function nearestStrike(strikes: readonly number[], price: number): number {
  if (!Number.isFinite(price))
    throw new SymbolIndexError('INVALID_OPTION', `price ${price} is not a finite number.`)
  let nearest = 0
  strikes.forEach((strike, index) => {
    if (Math.abs(strike - price) < Math.abs((strikes[nearest] ?? Infinity) - price)) nearest = index
  })
  return nearest
}
