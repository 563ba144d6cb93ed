import { Derivatives } from './derivatives.ts'
import type {
  ChainRow,
  ExpiriesQuery,
  NearestFutureQuery,
  OptionChainQuery,
  OptionQuery,
  UnderlyingsQuery,
} from './derivatives.ts'
import { Instrument } from './instrument.ts'
import { compileQuery } from './search/query.ts'
import type { SearchQuery } from './search/query.ts'
import { Searcher } from './search/searcher.ts'
import { SymbolColumns } from './store/columns.ts'
import type { SetMetadata } from './store/columns.ts'
import { storedHash } from './store/layout.ts'
import { RowFinder } from './store/row-finder.ts'
import type { BrokerSymbolKey, SearchResult, SymbolKey, SymbolReader, TokenKey } from './symbol-reader.ts'
import { referTo, resolveReference } from './token-reference.ts'
import type { TokenReference, TokenResolution } from './token-reference.ts'

/**
 * An immutable set of instruments over one shared buffer. Any thread can open the same buffer; nothing is
 * copied. Instruments are made for what a caller asks for, and only then.
 */
export class SymbolSet implements SymbolReader {
  /** Hash of the content: two sets with the same hash are the same. */
  readonly hash: string
  readonly #columns: SymbolColumns
  readonly #finder: RowFinder
  readonly #searcher: Searcher
  readonly #derivatives: Derivatives

  /** Opens a buffer that a set gave, in this thread or another. Files are read by `loadSnapshot`. */
  constructor(buffer: SharedArrayBuffer) {
    this.#columns = new SymbolColumns(buffer)
    this.hash = storedHash(buffer)
    this.#finder = new RowFinder(this.#columns)
    this.#searcher = new Searcher(this.#columns, this.#finder)
    this.#derivatives = new Derivatives(this.#columns)
  }

  get size(): number {
    return this.#columns.size
  }

  /** The buffer, to hand to a worker. It must not be changed. */
  get buffer(): SharedArrayBuffer {
    return this.#columns.buffer
  }

  /** Where the set came from. */
  get metadata(): SetMetadata {
    return this.#columns.metadata
  }

  /** Number of instruments in each exchange. */
  get countByExchange(): Record<string, number> {
    const rows = this.#finder.exchangeRows
    return Object.fromEntries(
      this.metadata.exchanges.map((name, number) => [name, (rows[number + 1] ?? 0) - (rows[number] ?? 0)]),
    )
  }

  get(symbol: string, exchange: string): Instrument | undefined {
    return this.#instrument(this.#finder.bySymbol(symbol, exchange))
  }

  getByToken(token: string, exchange: string): Instrument | undefined {
    return this.#instrument(this.#finder.byToken(token, exchange))
  }

  getByBrokerSymbol(brokerSymbol: string, exchange: string): Instrument | undefined {
    return this.#instrument(this.#finder.byBrokerSymbol(brokerSymbol, exchange))
  }

  has(symbol: string, exchange: string): boolean {
    return this.#finder.bySymbol(symbol, exchange) !== -1
  }

  getMany(keys: readonly SymbolKey[]): (Instrument | undefined)[] {
    return keys.map(({ symbol, exchange }) => this.get(symbol, exchange))
  }

  getManyByToken(keys: readonly TokenKey[]): (Instrument | undefined)[] {
    return keys.map(({ token, exchange }) => this.getByToken(token, exchange))
  }

  getManyByBrokerSymbol(keys: readonly BrokerSymbolKey[]): (Instrument | undefined)[] {
    return keys.map(({ brokerSymbol, exchange }) => this.getByBrokerSymbol(brokerSymbol, exchange))
  }

  search(query: SearchQuery): SearchResult {
    const { total, rows } = this.#searcher.search(compileQuery(query))
    return { total, results: rows.map((row) => new Instrument(this.#columns, row)) }
  }

  expiries(query: ExpiriesQuery): string[] {
    return this.#derivatives.expiries(query)
  }

  underlyings(query: UnderlyingsQuery): string[] {
    return this.#derivatives.underlyings(query)
  }

  optionChain(query: OptionChainQuery): ChainRow[] {
    return this.#derivatives.optionChain(query)
  }

  optionByOffset(query: OptionQuery): Instrument | undefined {
    return this.#derivatives.optionByOffset(query)
  }

  nearestFuture(query: NearestFutureQuery): Instrument | undefined {
    return this.#derivatives.nearestFuture(query)
  }

  reference(token: string, exchange: string): TokenReference | undefined {
    const instrument = this.getByToken(token, exchange)
    return instrument === undefined ? undefined : referTo(instrument)
  }

  resolve(reference: TokenReference): TokenResolution {
    return resolveReference(reference, this.getByToken(reference.token, reference.exchange))
  }

  /** Every instrument, made one at a time, by exchange, length of symbol and symbol. */
  *instruments(): Generator<Instrument> {
    for (let row = 0; row < this.size; row++) yield new Instrument(this.#columns, row)
  }

  #instrument(row: number): Instrument | undefined {
    return row === -1 ? undefined : new Instrument(this.#columns, row)
  }
}
