import type { Dictionary } from '../store/dictionary.ts'
import { firstMask, FOLD } from '../store/text-mask.ts'

const ALLOWS_SLIP = /^[A-Z]{4,}$/

/** Whether a word is long enough, and of letters only, for a slip in it to be recognised. */
export function allowsSlip(word: string): boolean {
  return ALLOWS_SLIP.test(word)
}

/**
 * Marks, with 1, the entries with a part that is the word with one slip: a letter wrong, missing or too
 * many, or two neighbours swapped.
 */
export function markSlips(dictionary: Dictionary, word: string, out: Uint8Array): void {
  const { bytes, offsets, masks, size, wide } = dictionary
  const term = codes(word)
  const letters = firstMask(Uint8Array.from(term), 0, term.length)
  for (let id = 0; id < size; id++) {
    const missing = letters & ~(masks[id * 2] ?? 0)
    const isPossible = (missing & (missing - 1)) === 0 // one slip takes away one letter at most
    const text = isPossible ? bytes.subarray(offsets[id] ?? 0, offsets[id + 1] ?? 0) : []
    out[id] = holdsSlip(text, term) ? 1 : 0
  }
  for (const id of wide) out[id] = holdsSlip(codes(dictionary.text(id).toUpperCase()), term) ? 1 : 0
}

function codes(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
}

function holdsSlip(text: ArrayLike<number>, term: readonly number[]): boolean {
  for (let start = 0; start <= text.length - term.length + 1; start++) {
    if (slipsAt(text, start, term)) return true
  }
  return false
}

/** Whether the term stands at `start` with at most one slip: at its first difference, whatever it is. */
function slipsAt(text: ArrayLike<number>, start: number, term: readonly number[]): boolean {
  let at = 0
  while (at < term.length && fold(text[start + at]) === term[at]) at++
  if (at === term.length) return true
  const here = start + at
  return (
    restMatches(text, here, term, at + 1) ||
    (here < text.length && restMatches(text, here + 1, term, at + 1)) ||
    restMatches(text, here + 1, term, at) ||
    (fold(text[here]) === term[at + 1] &&
      fold(text[here + 1]) === term[at] &&
      restMatches(text, here + 2, term, at + 2))
  )
}

function restMatches(text: ArrayLike<number>, from: number, term: readonly number[], at: number): boolean {
  for (let index = at; index < term.length; index++) {
    if (fold(text[from + index - at]) !== term[index]) return false
  }
  return true
}

function fold(code: number | undefined): number | undefined {
  return code === undefined ? undefined : (FOLD[code] ?? code)
}
