import type { DraftInstrument } from '../store/builder.ts'
import type { DuplicateKind } from './report.ts'

/** Finds rows that share a key with an earlier one. */
export class DuplicateFinder {
  readonly #bySymbol = new Map<string, Map<string, DraftInstrument>>()
  readonly #byToken = new Map<string, Map<string, DraftInstrument>>()

  /** Remembers a row; says how it repeats an earlier one, if it does. */
  add(draft: DraftInstrument): DuplicateKind | undefined {
    const symbols = exchangeMap(this.#bySymbol, draft.exchange)
    const tokens = exchangeMap(this.#byToken, draft.exchange)
    const sameSymbol = symbols.get(draft.symbol)
    const sameToken = tokens.get(draft.token)
    if (sameSymbol !== undefined && sameSymbol === sameToken && isIdentical(sameSymbol, draft))
      return 'identical'
    symbols.set(draft.symbol, draft)
    tokens.set(draft.token, draft)
    if (sameToken !== undefined) return 'token'
    return sameSymbol === undefined ? undefined : 'symbol'
  }
}

function exchangeMap(
  maps: Map<string, Map<string, DraftInstrument>>,
  exchange: string,
): Map<string, DraftInstrument> {
  const known = maps.get(exchange)
  if (known !== undefined) return known
  const created = new Map<string, DraftInstrument>()
  maps.set(exchange, created)
  return created
}

function isIdentical(left: DraftInstrument, right: DraftInstrument): boolean {
  return (Object.keys(left) as (keyof DraftInstrument)[]).every((field) => left[field] === right[field])
}
