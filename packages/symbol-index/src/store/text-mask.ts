/**
 * A 64-bit sketch of the characters of a text, in two words: a text can contain a term only if its sketch
 * has every bit of the term's sketch. It lets a search skip most of a dictionary with one comparison.
 *
 * First word: a bit for each letter, six for other characters. Second word: a bit for each digit, 22 for
 * pairs of neighbouring characters.
 */

/** Upper-case ASCII; other bytes as they are. */
export const FOLD: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 97 && byte <= 122 ? byte - 32 : byte,
)

const LETTER_A = 65
const LETTER_Z = 90
const DIGIT_0 = 48
const DIGIT_9 = 57

/** Bits of one character: `[first word, second word]`, indexed by byte. */
const FIRST: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => firstBit(FOLD[byte] ?? 0))
const SECOND: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) =>
  byte >= DIGIT_0 && byte <= DIGIT_9 ? 1 << (byte - DIGIT_0) : 0,
)

export function firstMask(bytes: Uint8Array, start: number, end: number): number {
  let mask = 0
  for (let at = start; at < end; at++) mask |= FIRST[bytes[at] ?? 0] ?? 0
  return mask >>> 0
}

export function secondMask(bytes: Uint8Array, start: number, end: number): number {
  let mask = 0
  let previous = 0
  for (let at = start; at < end; at++) {
    const byte = FOLD[bytes[at] ?? 0] ?? 0
    mask |= SECOND[byte] ?? 0
    if (previous !== 0) mask |= pairBit(previous, byte)
    previous = byte
  }
  return mask >>> 0
}

function firstBit(byte: number): number {
  if (byte >= LETTER_A && byte <= LETTER_Z) return 1 << (byte - LETTER_A)
  return byte >= DIGIT_0 && byte <= DIGIT_9 ? 0 : 1 << (26 + (byte % 6))
}

function pairBit(left: number, right: number): number {
  return 1 << (10 + ((left * 31 + right) % 22))
}
