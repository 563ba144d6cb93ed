import type { SymbolColumns } from './columns.ts'
import type { Dictionary } from './dictionary.ts'
import { fingerprint, firstSlot, hashKey, rowBits } from './hash-table.ts'

/** The two sides of a key's text and the table over it. */
interface KeyIndex {
  readonly table: Uint32Array
  readonly heads: Dictionary
  readonly tails: Dictionary
  /** Head of a row, or of its group when `byGroup`. */
  readonly headIds: Uint32Array
  readonly tailIds: Uint32Array
  readonly byGroup: boolean
}

/** Exact look-ups: from (text, exchange) to a row, with nothing allocated. */
export class RowFinder {
  readonly #exchanges: ReadonlyMap<string, number>
  readonly #exchangeRows: Uint32Array
  readonly #rowGroup: Uint32Array
  readonly #bits: number
  readonly #symbol: KeyIndex
  readonly #token: KeyIndex
  readonly #broker: KeyIndex

  constructor(columns: SymbolColumns) {
    const { sections, heads, tails, tokenHeads, tokenTails } = columns
    this.#exchanges = new Map(columns.metadata.exchanges.map((name, number) => [name, number]))
    this.#exchangeRows = sections.exchangeGroups.map((group) => sections.groupRows[group] ?? 0)
    this.#rowGroup = sections.rowGroup
    this.#bits = rowBits(columns.size)
    this.#symbol = {
      table: sections.symbolTable,
      heads,
      tails,
      byGroup: true,
      headIds: sections.groupSymbol,
      tailIds: sections.rowSymbolTail,
    }
    this.#broker = {
      table: sections.brokerTable,
      heads,
      tails,
      byGroup: true,
      headIds: sections.groupBrokerSymbol,
      tailIds: sections.rowBrokerTail,
    }
    this.#token = {
      table: sections.tokenTable,
      heads: tokenHeads,
      tails: tokenTails,
      byGroup: false,
      headIds: sections.rowTokenHead,
      tailIds: sections.rowTokenTail,
    }
  }

  /** Row numbers begin here for each exchange; one more entry than exchanges. */
  get exchangeRows(): Uint32Array {
    return this.#exchangeRows
  }

  /** The number of an exchange, or -1. */
  exchangeNumber(name: string): number {
    return this.#exchanges.get(name) ?? -1
  }

  /** The row, or -1. Of several, the last that the source gave. */
  bySymbol(symbol: string, exchange: string): number {
    return this.#find(this.#symbol, symbol, exchange)
  }

  byToken(token: string, exchange: string): number {
    return this.#find(this.#token, token, exchange)
  }

  byBrokerSymbol(brokerSymbol: string, exchange: string): number {
    return this.#find(this.#broker, brokerSymbol, exchange)
  }

  #find(index: KeyIndex, text: string, exchangeName: string): number {
    const exchange = this.#exchanges.get(exchangeName)
    if (exchange === undefined) return -1
    const { table } = index
    const hash = hashKey(text, exchange)
    const bits = this.#bits
    const wanted = fingerprint(hash, bits)
    const mask = 2 ** bits - 1
    let slot = firstSlot(hash, table.length)
    for (let value = table[slot] ?? 0; value !== 0; value = table[slot] ?? 0) {
      const row = (value & mask) - 1
      if (((value ^ wanted) & ~mask) === 0 && this.#matches(index, row, text, exchange)) return row
      slot = slot + 1 === table.length ? 0 : slot + 1
    }
    return -1
  }

  #matches(index: KeyIndex, row: number, text: string, exchange: number): boolean {
    const rows = this.#exchangeRows
    if (row < (rows[exchange] ?? 0) || row >= (rows[exchange + 1] ?? 0)) return false
    const head = index.headIds[index.byGroup ? (this.#rowGroup[row] ?? 0) : row] ?? 0
    return equalsText(index.heads, head, index.tails, index.tailIds[row] ?? 0, text)
  }
}

/** Whether head and tail together are the text. */
// oxlint-disable-next-line max-params -- the hottest comparison: an object for its arguments would be allocated
function equalsText(heads: Dictionary, head: number, tails: Dictionary, tail: number, text: string): boolean {
  if (heads.wide.size !== 0 && heads.wide.has(head)) return heads.text(head) + tails.text(tail) === text
  const headStart = heads.offsets[head] ?? 0
  const headLength = (heads.offsets[head + 1] ?? 0) - headStart
  const tailStart = tails.offsets[tail] ?? 0
  const tailLength = (tails.offsets[tail + 1] ?? 0) - tailStart
  if (headLength + tailLength !== text.length) return false
  const { bytes } = heads
  for (let at = 0; at < headLength; at++) if (bytes[headStart + at] !== text.charCodeAt(at)) return false
  const tailBytes = tails.bytes
  for (let at = 0; at < tailLength; at++) {
    if (tailBytes[tailStart + at] !== text.charCodeAt(headLength + at)) return false
  }
  return true
}
