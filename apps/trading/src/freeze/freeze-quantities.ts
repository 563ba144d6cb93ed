import type { Cache } from '@cache/core'
import type { Instrument } from '@cache/symbol-index'

import type { AppDatabase } from '../database/database.ts'
import { RequestFault } from '../server/request-fault.ts'

export interface FreezeRow {
  readonly symbol: string
  readonly quantity: number
}

/** What tells an instrument's freeze quantity. */
type Frozen = Pick<Instrument, 'exchange' | 'underlying' | 'symbol'>

const unknownQuantity = 1
const rowsPerInsert = 200
const maxRows = 20_000

/** The most that one order may ask for in futures and options, as the exchange publishes it. */
export class FreezeQuantities {
  readonly #database: AppDatabase
  /** Exchange → underlying → quantity. */
  readonly #cache: Cache<Readonly<Record<string, number>>>

  constructor(database: AppDatabase, cache: Cache<Readonly<Record<string, number>>>) {
    this.#database = database
    this.#cache = cache
  }

  /** 1 where none is known, as OpenAlgo has it. */
  async of({ exchange, underlying, symbol }: Frozen): Promise<number> {
    return (await this.table(exchange))[underlying ?? symbol] ?? unknownQuantity
  }

  /**
   * Aligned with its input, and as the database has them: for what is kept itself, since an older list that this process may
   * still hold for a moment would be kept for much longer.
   */
  async storedOf(instruments: readonly Frozen[]): Promise<number[]> {
    const names = instruments.map(({ underlying, symbol }) => underlying ?? symbol)
    const rows = await this.#database
      .selectFrom('qty_freeze')
      .select(['exchange', 'symbol', 'freeze_qty'])
      .where('exchange', 'in', [...new Set(instruments.map(({ exchange }) => exchange))])
      .where('symbol', 'in', [...new Set(names)])
      .execute()
    const byPlace = new Map(
      rows.map(({ exchange, symbol, freeze_qty }) => [`${exchange}:${symbol}`, freeze_qty]),
    )
    return instruments.map(({ exchange }, at) => byPlace.get(`${exchange}:${names[at]}`) ?? unknownQuantity)
  }

  /** All that is known of an exchange, by underlying. */
  async table(exchange: string): Promise<Readonly<Record<string, number>>> {
    return (await this.#cache.getOrLoad(exchange, () => this.#read(exchange))) ?? {}
  }

  /** Takes the place of all that was known of an exchange, at once and everywhere. */
  async replace(exchange: string, rows: readonly FreezeRow[]): Promise<void> {
    await this.#database.transaction().execute(async (change) => {
      await change.deleteFrom('qty_freeze').where('exchange', '=', exchange).execute()
      for (let from = 0; from < rows.length; from += rowsPerInsert) {
        const part = rows.slice(from, from + rowsPerInsert)
        const values = part.map(({ symbol, quantity }) => ({ exchange, symbol, freeze_qty: quantity }))
        await change.insertInto('qty_freeze').values(values).execute()
      }
    })
    await this.#cache.delete(exchange)
  }

  async #read(exchange: string): Promise<Record<string, number>> {
    const rows = await this.#database
      .selectFrom('qty_freeze')
      .select(['symbol', 'freeze_qty'])
      .where('exchange', '=', exchange)
      .execute()
    return Object.fromEntries(rows.map(({ symbol, freeze_qty }) => [symbol, freeze_qty]))
  }
}

/**
 * Reads NSE's `qtyfreeze.csv`: serial number, symbol and quantity, in columns padded with blanks.
 *
 * @throws RequestFault 400 that names the line
 */
export function readFreezeCsv(text: string): FreezeRow[] {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const names = header.split(',').map((name) => name.trim().toUpperCase())
  const [symbolAt, quantityAt] = [names.indexOf('SYMBOL'), names.indexOf('VOL_FRZ_QTY')]
  if (symbolAt < 0 || quantityAt < 0) {
    throw new RequestFault(400, 'The file has no columns SYMBOL and VOL_FRZ_QTY')
  }
  if (lines.length > maxRows) throw new RequestFault(400, `The file has more than ${maxRows} rows`)
  const bySymbol = new Map<string, number>()
  for (const [index, line] of lines.entries()) {
    const cells = line.split(',').map((cell) => cell.trim())
    const [symbol = '', quantity] = [cells[symbolAt], Number(cells[quantityAt])]
    if (symbol === '' || !Number.isInteger(quantity) || quantity < 1) {
      throw new RequestFault(400, `Line ${index + 2} holds no symbol with a quantity`)
    }
    bySymbol.set(symbol.toUpperCase(), quantity)
  }
  return [...bySymbol].map(([symbol, quantity]) => ({ symbol, quantity }))
}
