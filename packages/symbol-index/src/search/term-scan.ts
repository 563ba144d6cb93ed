import type { Dictionary } from '../store/dictionary.ts'
import { MAX_TAIL } from '../store/split-text.ts'
import type { HeadEndings } from './head-endings.ts'
import { firstMask, secondMask } from '../store/text-mask.ts'

/**
 * How a term can lie in a text that is a head and a tail: inside the head, inside the tail, or across. For
 * each dictionary entry one word says which of these it takes part in:
 *
 * - `CONTAINS`: the whole term is inside the entry
 * - `BEGINS_WITH` (heads): the entry begins with the term
 * - `BEGINS` (heads): the entry is a beginning of the term, shorter than it
 * - bit j, 1 ≤ j ≤ 24: a head ends with all but the last j characters of the term, a tail begins with these j
 *
 * A row matches when head or tail contains the term, or `head & tail & CROSSING` is not 0.
 */
export const CONTAINS: number = 0x8000_0000 | 0
export const BEGINS_WITH = 0x4000_0000
export const BEGINS = 0x2000_0000
export const CROSSING: number = (2 ** MAX_TAIL - 1) << 1

const DIGIT = /^\d$/

/** Compares as the texts are, or regardless of ASCII case. */
export type Casing = 'exact' | 'fold'

/** One term, ready to be looked for in dictionaries. */
export class TermScan {
  readonly text: string
  readonly #term: Uint8Array
  readonly #first: number
  readonly #second: number
  readonly #casing: Casing
  readonly #isOneCharacter: boolean
  readonly #byFirstByte: Uint32Array
  readonly #byLastByte: Uint32Array
  #bytes: Uint8Array = new Uint8Array()

  constructor(text: string, casing: Casing) {
    const term = new TextEncoder().encode(text)
    this.text = text
    this.#term = term
    this.#first = firstMask(term, 0, term.length) | 0
    this.#second = secondMask(term, 0, term.length) | 0
    this.#casing = casing
    this.#isOneCharacter = /^[A-Z0-9]$/.test(text)
    this.#byFirstByte = new Uint32Array(256)
    this.#byLastByte = new Uint32Array(256)
    for (let length = 1; length <= Math.min(term.length - 1, MAX_TAIL); length++) {
      addBit(this.#byFirstByte, term[term.length - length] ?? 0, length)
      addBit(this.#byLastByte, term[term.length - length - 1] ?? 0, length)
    }
  }

  /** Fills `out` for tails; returns the union of its words. */
  tails(dictionary: Dictionary, out: Int32Array): number {
    this.#bytes = this.#bytesOf(dictionary)
    let union = 0
    for (let id = 0; id < dictionary.size; id++) {
      const word = this.#tailWord(dictionary, id)
      out[id] = word
      union |= word
    }
    return union
  }

  /** Fills `out` for heads; `crossings` are the bits that some tail has. Returns the union of its words. */
  heads(dictionary: Dictionary, endings: HeadEndings, crossings: number, out: Int32Array): number {
    const { offsets, size, masks } = dictionary
    this.#bytes = this.#bytesOf(dictionary)
    const first = this.#first
    const second = this.#second
    const isSettled =
      this.#isOneCharacter && (this.#casing === 'fold' || dictionary.isUpperCase || DIGIT.test(this.text))
    let union = 0
    for (let id = 0; id < size; id++) {
      const possible = (first & ~(masks[id * 2] ?? 0)) === 0 && (second & ~(masks[id * 2 + 1] ?? 0)) === 0
      const word = possible ? this.#headContains(offsets[id] ?? 0, offsets[id + 1] ?? 0, isSettled) : 0
      out[id] = word
      union |= word
    }
    if (crossings !== 0) union |= this.#headCrossings(offsets, endings, crossings, out)
    for (const id of dictionary.wide) union |= out[id] = this.#wideHead(dictionary.text(id))
    return union
  }

  /** The word of one head. */
  headWord(dictionary: Dictionary, id: number): number {
    if (dictionary.wide.has(id)) return this.#wideHead(dictionary.text(id))
    this.#bytes = this.#bytesOf(dictionary)
    const start = dictionary.offsets[id] ?? 0
    const end = dictionary.offsets[id + 1] ?? 0
    if (start === end) return 0
    const endings = this.#byLastByte[this.#bytes[end - 1] ?? 0] ?? 0
    const contains = this.#possible(dictionary.masks, id) ? this.#headContains(start, end, false) : 0
    return contains | this.#headCrossing(start, end, endings)
  }

  /** The word of one tail. */
  tailWord(dictionary: Dictionary, id: number): number {
    this.#bytes = this.#bytesOf(dictionary)
    return this.#tailWord(dictionary, id)
  }

  #tailWord({ offsets, masks }: Dictionary, id: number): number {
    const start = offsets[id] ?? 0
    const end = offsets[id + 1] ?? 0
    if (start === end) return 0
    const contains = this.#possible(masks, id) && this.#indexOf(start, end) >= 0 ? CONTAINS : 0
    return contains | this.#tailCrossings(start, end)
  }

  #bytesOf(dictionary: Dictionary): Uint8Array {
    return this.#casing === 'fold' ? dictionary.folded : dictionary.bytes
  }

  #possible(masks: Uint32Array, id: number): boolean {
    return (this.#first & ~(masks[id * 2] ?? 0)) === 0 && (this.#second & ~(masks[id * 2 + 1] ?? 0)) === 0
  }

  /** `isSettled`: the sketch has decided that the term is there; all that is asked is whether at the start. */
  #headContains(start: number, end: number, isSettled: boolean): number {
    if (isSettled) return this.#equals(start, 0, 1) ? CONTAINS | BEGINS_WITH : CONTAINS
    const at = this.#indexOf(start, end)
    if (at < 0) return 0
    return at === start ? CONTAINS | BEGINS_WITH : CONTAINS
  }

  /** Adds the crossings to `out`: looks only at heads that end in a character of the term. */
  #headCrossings(offsets: Uint32Array, endings: HeadEndings, crossings: number, out: Int32Array): number {
    let union = 0
    for (const last of new Set(this.#term)) {
      const bits = crossings & (this.#byLastByte[last] ?? 0)
      if (bits === 0) continue
      for (const id of endings.endingIn(last)) {
        const word = this.#headCrossing(offsets[id] ?? 0, offsets[id + 1] ?? 0, bits)
        out[id] = (out[id] ?? 0) | word
        union |= word
      }
    }
    return union
  }

  #headCrossing(start: number, end: number, endings: number): number {
    const term = this.#term
    let bits = endings
    let word = 0
    while (bits !== 0) {
      const length = 31 - Math.clz32(bits)
      bits &= ~(1 << length)
      const part = term.length - length
      if (end - start < part || !this.#equals(end - part, 0, part)) continue
      word |= end - start === part ? (1 << length) | BEGINS : 1 << length
    }
    return word
  }

  #tailCrossings(start: number, end: number): number {
    const term = this.#term
    let bits = this.#byFirstByte[this.#bytes[start] ?? 0] ?? 0
    let word = 0
    while (bits !== 0) {
      const length = 31 - Math.clz32(bits)
      bits &= ~(1 << length)
      if (end - start >= length && this.#equals(start, term.length - length, length)) word |= 1 << length
    }
    return word
  }

  /** Where the term begins inside the bytes, or -1. */
  #indexOf(start: number, end: number): number {
    const term = this.#term
    const bytes = this.#bytes
    const first = term[0]
    for (let at = start; at <= end - term.length; at++) {
      if (bytes[at] === first && this.#equals(at, 0, term.length)) return at
    }
    return -1
  }

  #equals(at: number, from: number, length: number): boolean {
    const term = this.#term
    const bytes = this.#bytes
    for (let index = 0; index < length; index++) {
      if (bytes[at + index] !== term[from + index]) return false
    }
    return true
  }

  /** The slow way, for the few heads that are not ASCII. */
  #wideHead(head: string): number {
    const text = this.#casing === 'fold' ? head.toUpperCase() : head
    let word = text.includes(this.text) ? CONTAINS : 0
    if (text.startsWith(this.text)) word |= BEGINS_WITH
    for (let length = 1; length <= Math.min(this.text.length - 1, MAX_TAIL); length++) {
      const part = this.text.slice(0, -length)
      if (text.endsWith(part)) word |= text === part ? (1 << length) | BEGINS : 1 << length
    }
    return word
  }
}

function addBit(words: Uint32Array, at: number, bit: number): void {
  words[at] = (words[at] ?? 0) | (1 << bit)
}
