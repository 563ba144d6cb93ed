import type { InstrumentData, SymbolSet } from '../src/index.ts'
import { Random } from '../src/synthetic/random.ts'

const OF_EACH_KIND = 40
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789&-.%'.split('')

/** 200 queries: one character, prefix, underlying with strike and type, number, no match. */
export function mixedQueries(set: SymbolSet): string[] {
  const random = new Random(7)
  const all = [...set.instruments()]
  const options = all.filter(({ instrumentType }) => instrumentType === 'CE' || instrumentType === 'PE')
  const pick = (from: readonly InstrumentData[]): InstrumentData | undefined =>
    from[random.integer(0, from.length - 1)]
  const queries = CHARACTERS.slice(0, OF_EACH_KIND)
  for (let count = 0; count < OF_EACH_KIND; count++) {
    queries.push((pick(all)?.symbol ?? 'A').slice(0, random.integer(2, 8)))
    const option = pick(options.length > 0 ? options : all)
    queries.push(`${option?.underlying ?? option?.symbol} ${option?.strike ?? ''} ${option?.instrumentType}`)
    queries.push(String(option?.strike ?? random.integer(1, 50_000)))
    queries.push(
      `${random.pick(['ZQX', 'QQJ', 'XKZV'])}${random.integer(100, 999)}${random.pick(['W', 'VV'])}`,
    )
  }
  return queries
}
