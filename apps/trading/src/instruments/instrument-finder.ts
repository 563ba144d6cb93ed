import type { Instrument, SearchQuery, SearchResult, SymbolIndex } from '@cache/symbol-index'

import { RequestFault } from '../server/request-fault.ts'
import type { InstrumentCatalog } from './instrument-catalog.ts'

/** Looks instruments up for requests, and says what to do when there are none yet. */
export class InstrumentFinder {
  readonly #catalog: InstrumentCatalog

  constructor(catalog: InstrumentCatalog) {
    this.#catalog = catalog
  }

  /** @throws RequestFault 404; 503 while there is no master. */
  async require(symbol: string, exchange: string): Promise<Instrument> {
    await this.#ready()
    const instrument = this.#catalog.get(symbol, exchange)
    if (instrument !== undefined) return instrument
    throw new RequestFault(404, `Symbol ${symbol} not found in exchange ${exchange}`)
  }

  async find(symbol: string, exchange: string): Promise<Instrument | undefined> {
    await this.#ready()
    return this.#catalog.get(symbol, exchange)
  }

  async search(query: SearchQuery): Promise<SearchResult> {
    await this.#ready()
    return this.#catalog.index.search(query)
  }

  /** The index itself, once there is something in it. */
  async index(): Promise<SymbolIndex> {
    await this.#ready()
    return this.#catalog.index
  }

  async #ready(): Promise<void> {
    await this.#catalog.restore()
    const { phase, instruments } = this.#catalog.status
    if (instruments > 0) return
    const loading = phase === 'importing'
    throw new RequestFault(
      503,
      loading
        ? 'The instrument master is still being read; try again in a moment'
        : 'There is no instrument master yet; connect the broker and download it in the web console',
      { code: loading ? 'MASTER_LOADING' : 'NO_MASTER', retryAfterSeconds: loading ? 5 : undefined },
    )
  }
}
