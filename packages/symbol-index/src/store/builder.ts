import { SymbolIndexError } from '../errors.ts'
import { INSTRUMENT_TYPES } from '../instrument.ts'
import type { InstrumentType } from '../instrument.ts'
import type { SetMetadata } from './columns.ts'
import { DictionaryWriter } from './dictionary.ts'
import type { DictionarySections } from './dictionary.ts'
import { HashTableWriter, slotCount } from './hash-table.ts'
import { allocate, openSections, seal, SECTION_NAMES } from './layout.ts'
import type { SectionName, Sections } from './layout.ts'
import { splitBrokerSymbol, splitSymbol, splitToken } from './split-text.ts'

/** An instrument on its way into a set: checked and normalised. */
export interface DraftInstrument {
  readonly symbol: string
  readonly brokerSymbol: string
  readonly name: string
  readonly exchange: string
  readonly brokerExchange: string
  readonly token: string
  readonly type: InstrumentType
  /** Empty for none. */
  readonly underlying: string
  /** Days since 1970-01-01; 0 for none. */
  readonly expiryDay: number
  /** Scaled; 0 for none. */
  readonly strikeUnits: number
  readonly lotSize: number
  /** Scaled; 0 for none. */
  readonly tickUnits: number
}

const MAX_ROWS = 2 ** 24
const MAX_EXCHANGES = 256
const ROW_SECTIONS = [
  'rowGroup',
  'rowSymbolTail',
  'rowBrokerTail',
  'rowTokenHead',
  'rowTokenTail',
  'rowStrike',
  'rowSpec',
  'rowRank',
] as const
const GROUP_SECTIONS = [
  'groupSymbol',
  'groupBrokerSymbol',
  'groupName',
  'groupUnderlying',
  'groupExpiry',
  'groupBrokerExchange',
] as const

/** One row with its texts replaced by dictionary numbers. */
interface EncodedRow {
  readonly draft: DraftInstrument
  readonly exchange: number
  readonly symbolHead: number
  readonly symbolTail: number
  readonly brokerHead: number
  readonly brokerTail: number
  readonly name: number
  readonly underlying: number
  readonly brokerExchange: number
  readonly tokenHead: number
  readonly tokenTail: number
  readonly strike: number
  readonly spec: number
}

/** Collects instruments and writes them into one buffer. */
export class SymbolSetBuilder {
  readonly #rows: EncodedRow[] = []
  readonly #exchanges = new DictionaryWriter()
  readonly #heads = new DictionaryWriter()
  readonly #tails = new DictionaryWriter()
  readonly #tokenHeads = new DictionaryWriter()
  readonly #tokenTails = new DictionaryWriter()
  readonly #strikes = new NumberWriter()
  readonly #specs = new SpecWriter()
  readonly #exchangeNames: string[] = []
  #blankInSymbols = false

  constructor() {
    this.#tails.add('')
    this.#strikes.add(0)
  }

  get size(): number {
    return this.#rows.length
  }

  add(draft: DraftInstrument): void {
    const symbol = splitSymbol(draft)
    const broker = splitBrokerSymbol(draft)
    const token = splitToken(draft.token)
    if (draft.symbol.includes(' ')) this.#blankInSymbols = true
    this.#rows.push({
      draft,
      exchange: this.#exchange(draft.exchange),
      symbolHead: this.#heads.add(symbol.head),
      symbolTail: this.#tails.add(symbol.tail),
      brokerHead: this.#heads.add(broker.head),
      brokerTail: this.#tails.add(broker.tail),
      name: this.#heads.add(draft.name),
      underlying: draft.underlying === '' ? 0 : this.#heads.add(draft.underlying) + 1,
      brokerExchange: this.#heads.add(draft.brokerExchange),
      tokenHead: this.#tokenHeads.add(token.head),
      tokenTail: this.#tokenTails.add(token.tail),
      strike: this.#strikes.add(draft.strikeUnits),
      spec: this.#specs.add(draft),
    })
  }

  /** Writes the buffer, complete with indexes and checksum. */
  build(source: Pick<SetMetadata, 'format' | 'source' | 'importedAtMs'>): SharedArrayBuffer {
    if (this.#rows.length > MAX_ROWS) throw limitExceeded(`more than ${MAX_ROWS} rows`)
    const ranks = rankRows(this.#rows)
    const order = orderByExchange(this.#rows, ranks, this.#exchangeNames.length)
    const groups = groupStarts(this.#rows, order)
    const metadata: SetMetadata = {
      ...source,
      exchanges: this.#exchangeNames,
      blankInSymbols: this.#blankInSymbols,
    }
    const parts = this.#parts(metadata)
    const buffer = allocate(this.#lengths(parts, groups.length))
    const sections = openSections(buffer)
    for (const [name, values] of Object.entries(parts)) sections[name as SectionName].set(values)
    this.#writeRows(sections, order, ranks)
    this.#writeGroups(sections, order, groups)
    this.#writeTables(sections, order)
    seal(buffer)
    return buffer
  }

  #exchange(name: string): number {
    const number = this.#exchanges.add(name)
    if (number === this.#exchangeNames.length) {
      if (number === MAX_EXCHANGES) throw limitExceeded(`more than ${MAX_EXCHANGES} exchanges`)
      this.#exchangeNames.push(name)
    }
    return number
  }

  /** The sections whose content is ready before rows are ordered. */
  #parts(metadata: SetMetadata): Partial<Record<SectionName, ArrayLike<number>>> {
    return {
      meta: Buffer.from(JSON.stringify(metadata)),
      ...named('heads', 'headOffsets', 'headMasks', this.#heads.encode()),
      ...named('tails', 'tailOffsets', 'tailMasks', this.#tails.encode()),
      ...named('tokenHeads', 'tokenHeadOffsets', 'tokenHeadMasks', this.#tokenHeads.encode()),
      ...named('tokenTails', 'tokenTailOffsets', 'tokenTailMasks', this.#tokenTails.encode()),
      strikes: this.#strikes.values,
      specTypes: this.#specs.types,
      specLots: this.#specs.lots,
      specTicks: this.#specs.ticks,
    }
  }

  #lengths(
    parts: Partial<Record<SectionName, ArrayLike<number>>>,
    groups: number,
  ): Record<SectionName, number> {
    const rows = this.#rows.length
    const lengths = Object.fromEntries(SECTION_NAMES.map((name) => [name, parts[name]?.length ?? 0]))
    for (const name of ROW_SECTIONS) lengths[name] = rows
    for (const name of GROUP_SECTIONS) lengths[name] = groups
    for (const name of ['symbolTable', 'tokenTable', 'brokerTable']) lengths[name] = slotCount(rows)
    lengths['groupRows'] = groups + 1
    lengths['exchangeGroups'] = this.#exchangeNames.length + 1
    return lengths as Record<SectionName, number>
  }

  #writeRows(sections: Sections, order: Uint32Array, ranks: Uint32Array): void {
    order.forEach((source, row) => {
      const encoded = this.#row(source)
      sections.rowSymbolTail[row] = encoded.symbolTail
      sections.rowBrokerTail[row] = encoded.brokerTail
      sections.rowTokenHead[row] = encoded.tokenHead
      sections.rowTokenTail[row] = encoded.tokenTail
      sections.rowStrike[row] = encoded.strike
      sections.rowSpec[row] = encoded.spec
      sections.rowRank[row] = ranks[source] ?? 0
    })
  }

  #writeGroups(sections: Sections, order: Uint32Array, starts: readonly number[]): void {
    starts.forEach((start, group) => {
      const encoded = this.#row(order[start] ?? 0)
      const end = starts[group + 1] ?? order.length
      sections.groupRows[group] = start
      sections.rowGroup.fill(group, start, end)
      sections.groupSymbol[group] = encoded.symbolHead
      sections.groupBrokerSymbol[group] = encoded.brokerHead
      sections.groupName[group] = encoded.name
      sections.groupUnderlying[group] = encoded.underlying
      sections.groupExpiry[group] = encoded.draft.expiryDay
      sections.groupBrokerExchange[group] = encoded.brokerExchange
      sections.exchangeGroups[encoded.exchange + 1] = group + 1
    })
    sections.groupRows[starts.length] = order.length
  }

  /** Later rows go in first: of several rows with one key, a look-up finds the last that the source gave. */
  #writeTables(sections: Sections, order: Uint32Array): void {
    const rowOf = new Uint32Array(order.length)
    order.forEach((source, row) => {
      rowOf[source] = row
    })
    const writer = (table: Uint32Array, key: 'symbol' | 'token' | 'brokerSymbol'): HashTableWriter =>
      new HashTableWriter(table, order.length, (row) => {
        const { draft, exchange } = this.#row(order[row] ?? 0)
        return { text: draft[key], exchange }
      })
    const symbols = writer(sections.symbolTable, 'symbol')
    const tokens = writer(sections.tokenTable, 'token')
    const brokerSymbols = writer(sections.brokerTable, 'brokerSymbol')
    for (let source = order.length - 1; source >= 0; source--) {
      const { draft, exchange } = this.#row(source)
      const row = rowOf[source] ?? 0
      symbols.insert(row, draft.symbol, exchange)
      tokens.insert(row, draft.token, exchange)
      brokerSymbols.insert(row, draft.brokerSymbol, exchange)
    }
  }

  #row(source: number): EncodedRow {
    const row = this.#rows[source]
    if (row === undefined) throw new RangeError(`No row ${source}`)
    return row
  }
}

/** Distinct numbers. */
class NumberWriter {
  readonly values: number[] = []
  readonly #ids = new Map<number, number>()

  add(value: number): number {
    const known = this.#ids.get(value)
    if (known !== undefined) return known
    this.#ids.set(value, this.values.length)
    return this.values.push(value) - 1
  }
}

/** Distinct combinations of type, lot and tick: a few hundred in a whole market. */
class SpecWriter {
  readonly types: number[] = []
  readonly lots: number[] = []
  readonly ticks: number[] = []
  readonly #ids = new Map<string, number>()

  add({ type, lotSize, tickUnits }: DraftInstrument): number {
    const key = `${type} ${lotSize} ${tickUnits}`
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.types.length)
    this.types.push(INSTRUMENT_TYPES.indexOf(type))
    this.lots.push(lotSize)
    return this.ticks.push(tickUnits) - 1
  }
}

/** The place of each row when all are ordered by length of symbol, symbol, and order in the source. */
function rankRows(rows: readonly EncodedRow[]): Uint32Array {
  const byLength: number[][] = []
  rows.forEach(({ draft }, source) => {
    ;(byLength[draft.symbol.length] ??= []).push(source)
  })
  const symbols = rows.map(({ draft }) => draft.symbol)
  const compare = (left: number, right: number): number => {
    const a = symbols[left] ?? ''
    const b = symbols[right] ?? ''
    if (a === b) return left - right
    return a < b ? -1 : 1
  }
  const ranks = new Uint32Array(rows.length)
  let rank = 0
  for (const sources of byLength.filter((list) => list !== undefined)) {
    for (const source of sources.sort(compare)) ranks[source] = rank++
  }
  return ranks
}

/** Source positions in the order of the store: by exchange, then by rank. */
function orderByExchange(rows: readonly EncodedRow[], ranks: Uint32Array, exchanges: number): Uint32Array {
  const byRank = new Uint32Array(rows.length)
  ranks.forEach((rank, source) => {
    byRank[rank] = source
  })
  const next = new Uint32Array(exchanges + 1)
  for (const { exchange } of rows) next[exchange + 1] = (next[exchange + 1] ?? 0) + 1
  for (let exchange = 1; exchange <= exchanges; exchange++) {
    next[exchange] = (next[exchange] ?? 0) + (next[exchange - 1] ?? 0)
  }
  const order = new Uint32Array(rows.length)
  for (const source of byRank) {
    const exchange = rows[source]?.exchange ?? 0
    const at = next[exchange] ?? 0
    next[exchange] = at + 1
    order[at] = source
  }
  return order
}

function groupStarts(rows: readonly EncodedRow[], order: Uint32Array): number[] {
  const starts: number[] = []
  let previous: EncodedRow | undefined
  order.forEach((source, row) => {
    const current = rows[source]
    if (current === undefined) return
    if (previous === undefined || !sameGroup(previous, current)) starts.push(row)
    previous = current
  })
  return starts
}

function sameGroup(left: EncodedRow, right: EncodedRow): boolean {
  return (
    left.exchange === right.exchange &&
    left.symbolHead === right.symbolHead &&
    left.brokerHead === right.brokerHead &&
    left.name === right.name &&
    left.underlying === right.underlying &&
    left.brokerExchange === right.brokerExchange &&
    left.draft.expiryDay === right.draft.expiryDay
  )
}

function named(
  bytes: SectionName,
  offsets: SectionName,
  masks: SectionName,
  dictionary: DictionarySections,
): Partial<Record<SectionName, ArrayLike<number>>> {
  return { [bytes]: dictionary.bytes, [offsets]: dictionary.offsets, [masks]: dictionary.masks }
}

function limitExceeded(what: string): SymbolIndexError {
  return new SymbolIndexError('LIMIT_EXCEEDED', `The source has ${what}.`)
}
