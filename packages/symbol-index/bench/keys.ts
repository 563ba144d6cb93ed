import type { SymbolSet } from '../src/index.ts'
import { Random } from '../src/synthetic/random.ts'

/** Every (symbol, exchange) of a set in a random order, as fresh flat strings like those of a request. */
export function randomKeys(set: SymbolSet): { symbols: string[]; exchanges: string[] } {
  const random = new Random(42)
  const order = [...set.instruments()]
  for (let at = order.length - 1; at > 0; at--) {
    const other = random.integer(0, at)
    const [left, right] = [order[at], order[other]]
    if (left !== undefined && right !== undefined) [order[at], order[other]] = [right, left]
  }
  return {
    symbols: order.map(({ symbol }) => Buffer.from(symbol).toString()),
    exchanges: order.map(({ exchange }) => exchange),
  }
}
