import type {
  ChainRow,
  ExpiriesQuery,
  NearestFutureQuery,
  OptionChainQuery,
  OptionQuery,
  UnderlyingsQuery,
} from './derivatives.ts'
import type { Instrument } from './instrument.ts'
import type { SearchQuery } from './search/query.ts'
import type { TokenReference, TokenResolution } from './token-reference.ts'

/** A symbol and its exchange. */
export interface SymbolKey {
  readonly symbol: string
  readonly exchange: string
}

/** A token and its exchange. */
export interface TokenKey {
  readonly token: string
  readonly exchange: string
}

/** A broker's symbol and its exchange. */
export interface BrokerSymbolKey {
  readonly brokerSymbol: string
  readonly exchange: string
}

export interface SearchResult {
  /** All matches, before the cut at the limit. */
  readonly total: number
  readonly results: readonly Instrument[]
}

/** What can be asked of a set, and of the index that holds the current one. Exchanges are OpenAlgo's. */
export interface SymbolReader {
  readonly size: number
  /** The instrument with this OpenAlgo symbol; of several, the last that the source gave. */
  get(symbol: string, exchange: string): Instrument | undefined
  getByToken(token: string, exchange: string): Instrument | undefined
  getByBrokerSymbol(brokerSymbol: string, exchange: string): Instrument | undefined
  has(symbol: string, exchange: string): boolean
  /** Aligned with its input; `undefined` where there is no such instrument. */
  getMany(keys: readonly SymbolKey[]): (Instrument | undefined)[]
  getManyByToken(keys: readonly TokenKey[]): (Instrument | undefined)[]
  getManyByBrokerSymbol(keys: readonly BrokerSymbolKey[]): (Instrument | undefined)[]
  /** Ranked: the symbol itself, symbols that begin with the query, that hold every word, then the rest. */
  search(query: SearchQuery): SearchResult
  /** Live expiries as `DD-MMM-YY`, the nearest first. */
  expiries(query: ExpiriesQuery): string[]
  /** Underlyings with a live contract, in alphabetical order. */
  underlyings(query: UnderlyingsQuery): string[]
  /** Every strike of one expiry, the lowest first. */
  optionChain(query: OptionChainQuery): ChainRow[]
  /** The option so many strikes in or out of the money, or `undefined` beyond the chain's end. */
  optionByOffset(query: OptionQuery): Instrument | undefined
  /** The live future that expires first. */
  nearestFuture(query: NearestFutureQuery): Instrument | undefined
  /** What to keep for a token that is used later; `undefined` when it names nothing. */
  reference(token: string, exchange: string): TokenReference | undefined
  /** The instrument that was meant, or why it can't be had. */
  resolve(reference: TokenReference): TokenResolution
}
