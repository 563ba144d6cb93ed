import { unitsToText } from '../decimal.ts'
import type { DraftInstrument } from './builder.ts'

/** A text as a part shared by many rows and the part that is the row's own. */
export interface SplitText {
  readonly head: string
  readonly tail: string
}

/** Longest tail: search keeps one bit for each position at which a term can cross from head to tail. */
export const MAX_TAIL = 24

const TOKEN_TAIL = 3
const ASCII = /^[\x20-\x7e]*$/

/** Splits a symbol before its strike, or before `FUT`. */
export function splitSymbol(draft: DraftInstrument): SplitText {
  return splitSuffix(draft.symbol, contractTail(draft)) ?? { head: draft.symbol, tail: '' }
}

/** Splits a broker's symbol so that its head is shared: with the symbol, or along the chain. */
export function splitBrokerSymbol(draft: DraftInstrument): SplitText {
  const text = draft.brokerSymbol
  const tail = contractTail(draft)
  return (
    splitSuffix(text, tail) ??
    (tail === ''
      ? splitAt(text, draft.symbol.length, text.startsWith(draft.symbol))
      : splitAtStrike(draft)) ?? {
      head: text,
      tail: '',
    }
  )
}

/** Splits a token before its last three characters: the tails of numeric tokens are at most 1,000. */
export function splitToken(token: string): SplitText {
  const at = Math.max(token.length - TOKEN_TAIL, 0)
  return splitAt(token, at, true) ?? { head: token, tail: '' }
}

function contractTail({ type, strikeUnits }: DraftInstrument): string {
  if (type === 'CE' || type === 'PE') return unitsToText(strikeUnits) + type
  return type === 'FUT' ? type : ''
}

function splitSuffix(text: string, suffix: string): SplitText | undefined {
  const at = text.length - suffix.length
  return suffix === '' ? undefined : splitAt(text, at, at > 0 && text.endsWith(suffix))
}

function splitAtStrike(draft: DraftInstrument): SplitText | undefined {
  if (draft.strikeUnits === 0) return undefined
  const at = draft.brokerSymbol.lastIndexOf(unitsToText(draft.strikeUnits))
  return splitAt(draft.brokerSymbol, at, at > 0)
}

function splitAt(text: string, at: number, allowed: boolean): SplitText | undefined {
  const tail = text.slice(at)
  if (!allowed || tail.length > MAX_TAIL || !ASCII.test(tail)) return undefined
  return { head: text.slice(0, at), tail }
}
