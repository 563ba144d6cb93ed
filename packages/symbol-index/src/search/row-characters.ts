import { unitsToNumber } from '../decimal.ts'
import type { SymbolColumns } from '../store/columns.ts'
import type { Dictionary } from '../store/dictionary.ts'
import type { RowRuns } from './row-runs.ts'
import type { Casing } from './term-scan.ts'

const LETTER_A = 65
const LETTERS = 26
const DIGIT_0 = 48
const DIGITS = 10

/** For each entry of a dictionary, which letters and digits it has. */
interface EntryCharacters {
  readonly letters: Uint32Array
  readonly digits: Uint16Array
}

/**
 * Which of A–Z and 0–9 stand in a row's symbol, broker's symbol, name or token, or are its strike: the answer to the queries of
 * one character with which typing begins, and which match most rows. Six bytes a row.
 */
export class RowCharacters {
  /** A bit for each of A–Z. */
  readonly letters: Uint32Array
  /** A bit for each of 0–9. */
  readonly digits: Uint16Array

  constructor(columns: SymbolColumns) {
    const { sections, size } = columns
    const heads = entryCharacters(columns.heads, 'fold')
    const tails = entryCharacters(columns.tails, 'fold')
    const tokenHeads = entryCharacters(columns.tokenHeads, 'exact')
    const tokenTails = entryCharacters(columns.tokenTails, 'exact')
    const strikes = strikeDigits(sections.strikes)
    const collect = <Kind extends 'letters' | 'digits'>(kind: Kind, into: EntryCharacters[Kind]): void => {
      for (let row = 0; row < size; row++) {
        const group = sections.rowGroup[row] ?? 0
        into[row] =
          (heads[kind][sections.groupSymbol[group] ?? 0] ?? 0) |
          (heads[kind][sections.groupBrokerSymbol[group] ?? 0] ?? 0) |
          (heads[kind][sections.groupName[group] ?? 0] ?? 0) |
          (tails[kind][sections.rowSymbolTail[row] ?? 0] ?? 0) |
          (tails[kind][sections.rowBrokerTail[row] ?? 0] ?? 0) |
          (tokenHeads[kind][sections.rowTokenHead[row] ?? 0] ?? 0) |
          (tokenTails[kind][sections.rowTokenTail[row] ?? 0] ?? 0)
      }
    }
    this.letters = new Uint32Array(size)
    this.digits = new Uint16Array(size)
    collect('letters', this.letters)
    collect('digits', this.digits)
    sections.rowStrike.forEach((strike, row) => {
      this.digits[row] = (this.digits[row] ?? 0) | (strikes[strike] ?? 0)
    })
  }

  /** Whether a row has the character, one of A–Z and 0–9. */
  has(character: string, row: number): boolean {
    return ((this.#words(character)[row] ?? 0) & bitOf(character)) !== 0
  }

  /** Copies the rows that have the character from one set of runs to another, which may be the same. */
  narrow(character: string, from: RowRuns, to: RowRuns): void {
    narrowByBit(this.#words(character), bitOf(character), from, to)
  }

  #words(character: string): Uint32Array | Uint16Array {
    return character >= 'A' ? this.letters : this.digits
  }
}

/** The letters and digits of a term, as the bits of `RowCharacters`. */
export function charactersOf(term: string): { readonly letters: number; readonly digits: number } {
  const characters = { letters: new Uint32Array(1), digits: new Uint16Array(1) }
  for (let at = 0; at < term.length; at++) addCharacter(characters, 0, term.charCodeAt(at))
  return { letters: characters.letters[0] ?? 0, digits: characters.digits[0] ?? 0 }
}

function bitOf(character: string): number {
  const code = character.charCodeAt(0)
  return 1 << (code >= LETTER_A ? code - LETTER_A : code - DIGIT_0)
}

function narrowByBit(characters: Uint32Array | Uint16Array, bit: number, from: RowRuns, to: RowRuns): void {
  const { groups, ends, rows, count } = from
  const { groups: keptGroups, ends: keptEnds, rows: keptRows } = to
  let at = 0
  let kept = 0
  let runs = 0
  for (let run = 0; run < count; run++) {
    const end = ends[run] ?? 0
    const begin = kept
    for (; at < end; at++) {
      const row = rows[at] ?? 0
      if (((characters[row] ?? 0) & bit) !== 0) keptRows[kept++] = row
    }
    if (kept === begin) continue
    keptGroups[runs] = groups[run] ?? 0
    keptEnds[runs++] = kept
  }
  to.count = runs
}

function entryCharacters(dictionary: Dictionary, casing: Casing): EntryCharacters {
  const { offsets, size, wide } = dictionary
  const bytes = casing === 'fold' ? dictionary.folded : dictionary.bytes
  const characters = { letters: new Uint32Array(size), digits: new Uint16Array(size) }
  for (let id = 0; id < size; id++) {
    const end = offsets[id + 1] ?? 0
    for (let at = offsets[id] ?? 0; at < end; at++) {
      const byte = bytes[at] ?? 0
      addCharacter(characters, id, byte)
    }
  }
  // Capitals of other alphabets can be Latin letters: `ß` is `SS`.
  for (const id of casing === 'fold' ? wide : []) {
    const text = dictionary.text(id).toUpperCase()
    for (let at = 0; at < text.length; at++) addCharacter(characters, id, text.charCodeAt(at))
  }
  return characters
}

function addCharacter({ letters, digits }: EntryCharacters, id: number, code: number): void {
  if (code >= LETTER_A && code < LETTER_A + LETTERS)
    letters[id] = (letters[id] ?? 0) | (1 << (code - LETTER_A))
  else if (code >= DIGIT_0 && code < DIGIT_0 + DIGITS)
    digits[id] = (digits[id] ?? 0) | (1 << (code - DIGIT_0))
}

/** For each strike, the digit that it is. */
function strikeDigits(strikes: Float64Array): Uint16Array {
  return Uint16Array.from(strikes, (units) => {
    const strike = unitsToNumber(units)
    return strike > 0 && strike < DIGITS && Number.isInteger(strike) ? 1 << strike : 0
  })
}
