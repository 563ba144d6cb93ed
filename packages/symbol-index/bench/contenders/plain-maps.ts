import type { InstrumentData, SymbolSet } from '../../src/index.ts'
import { loadSnapshot } from '../../src/index.ts'
import type { Contender } from '../contender.ts'
import { randomKeys } from '../keys.ts'
import { heapBytes, throughput } from '../measure.ts'

type NestedMap = Map<string, Map<string, InstrumentData>>

/** Plain JavaScript: an object for each instrument, in nested Maps: exchange, then symbol. */
export const nestedMaps: Contender = async ({ snapshot, quick }) => {
  const { objects, symbols, exchanges } = await plainRows(snapshot)
  const byExchange = nested(objects, 'symbol')
  let found = 0
  const rate = throughput(quick ? 2 : 9, symbols.length, () => {
    for (let at = 0; at < symbols.length; at++) {
      if (byExchange.get(exchanges[at] ?? '')?.get(symbols[at] ?? '') !== undefined) found++
    }
  })
  if (found === 0) throw new Error('nothing was found')
  return { nested_map_per_s: rate }
}

/** The same objects in one Map, under `exchange:symbol`. */
export const concatenatedKeys: Contender = async ({ snapshot, quick }) => {
  const { objects, symbols, exchanges } = await plainRows(snapshot)
  const byKey = new Map(objects.map((row) => [`${row.exchange}:${row.symbol}`, row]))
  let found = 0
  const rate = throughput(quick ? 2 : 9, symbols.length, () => {
    for (let at = 0; at < symbols.length; at++) {
      if (byKey.get(`${exchanges[at] ?? ''}:${symbols[at] ?? ''}`) !== undefined) found++
    }
  })
  if (found === 0) throw new Error('nothing was found')
  return { concat_key_map_per_s: rate }
}

/** Memory of the plain version with all that it needs to answer what the index answers, but search. */
export const plainMemory: Contender = async ({ snapshot }) => {
  const set = await loadSnapshot(snapshot)
  const before = heapBytes()
  const indexes = plainIndexes(set)
  const bytes = heapBytes() - before
  return { plain_bytes_per_row: bytes / Math.max(1, indexes.rows.length) }
}

function plainIndexes(set: SymbolSet): { rows: InstrumentData[]; maps: NestedMap[] } {
  const rows = Array.from(set.instruments(), flat)
  const keys = ['symbol', 'token', 'brokerSymbol'] as const
  return { rows, maps: keys.map((key) => nested(rows, key)) }
}

function nested(rows: readonly InstrumentData[], key: 'symbol' | 'token' | 'brokerSymbol'): NestedMap {
  const byExchange: NestedMap = new Map()
  for (const row of rows) {
    const map = byExchange.get(row.exchange) ?? new Map<string, InstrumentData>()
    byExchange.set(row.exchange, map.set(row[key], row))
  }
  return byExchange
}

async function plainRows(
  snapshot: string,
): Promise<{ objects: InstrumentData[]; symbols: string[]; exchanges: string[] }> {
  const set = await loadSnapshot(snapshot)
  return { objects: Array.from(set.instruments(), flat), ...randomKeys(set) }
}

/** A plain object whose strings are flat, as a parser gives them. */
function flat(row: { toJSON(): InstrumentData }): InstrumentData {
  return JSON.parse(JSON.stringify(row)) as InstrumentData
}
