/**
 * Open addressing over 32-bit slots. A slot holds a row number (plus one, so that 0 is empty) in its low bits
 * and a fingerprint of the key in the rest; a fingerprint that differs saves the look at the row.
 * Of rows with the same key the table holds the one that was put in first.
 */

/** Slots for a table of `rows`: two thirds full. */
export function slotCount(rows: number): number {
  return Math.ceil(rows * 1.5) + 1
}

/** Bits that a row number plus one needs. */
export function rowBits(rows: number): number {
  return 32 - Math.clz32(rows)
}

/** FNV-1a over UTF-16 units, seeded with the exchange and mixed. Unsigned. */
export function hashKey(text: string, exchange: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(exchange + 1, 0x9e3779b1)
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The slot at which the search for a hash begins: its high bits. */
export function firstSlot(hash: number, slots: number): number {
  return Math.floor((hash * slots) / 0x1_0000_0000)
}

/** The low bits of a hash, in the place where a slot keeps its fingerprint. */
export function fingerprint(hash: number, bits: number): number {
  return (hash << bits) >>> 0
}

/** What a table's rows are found by. */
export interface RowKey {
  readonly text: string
  readonly exchange: number
}

/** Fills a table. */
export class HashTableWriter {
  readonly #table: Uint32Array
  readonly #bits: number
  readonly #keyOf: (row: number) => RowKey

  /** `keyOf` gives the key of a row that is in the table already. */
  constructor(table: Uint32Array, rows: number, keyOf: (row: number) => RowKey) {
    this.#table = table
    this.#bits = rowBits(rows)
    this.#keyOf = keyOf
  }

  /** Puts a row in, unless one with the same key is there. */
  insert(row: number, text: string, exchange: number): void {
    const table = this.#table
    const hash = hashKey(text, exchange)
    const print = fingerprint(hash, this.#bits)
    const mask = 2 ** this.#bits - 1
    let slot = firstSlot(hash, table.length)
    for (let value = table[slot] ?? 0; value !== 0; value = table[slot] ?? 0) {
      if (((value ^ print) & ~mask) === 0 && this.#isKeyOf((value & mask) - 1, text, exchange)) return
      slot = slot + 1 === table.length ? 0 : slot + 1
    }
    table[slot] = (print | (row + 1)) >>> 0
  }

  #isKeyOf(row: number, text: string, exchange: number): boolean {
    const key = this.#keyOf(row)
    return key.exchange === exchange && key.text === text
  }
}
