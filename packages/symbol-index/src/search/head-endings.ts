import type { Dictionary } from '../store/dictionary.ts'
import { FOLD } from '../store/text-mask.ts'

const BYTES = 256

/** The entries of a dictionary by their last byte, upper case: where a term can begin that ends in a tail. */
export class HeadEndings {
  readonly #ids: Uint32Array
  readonly #offsets = new Uint32Array(BYTES + 1)

  constructor({ bytes, offsets, size }: Dictionary) {
    const last = (id: number): number => {
      const end = offsets[id + 1] ?? 0
      return end === (offsets[id] ?? 0) ? 0 : (FOLD[bytes[end - 1] ?? 0] ?? 0)
    }
    for (let id = 0; id < size; id++) this.#offsets[last(id) + 1] = (this.#offsets[last(id) + 1] ?? 0) + 1
    for (let byte = 0; byte < BYTES; byte++) {
      this.#offsets[byte + 1] = (this.#offsets[byte + 1] ?? 0) + (this.#offsets[byte] ?? 0)
    }
    this.#ids = new Uint32Array(size)
    const next = this.#offsets.slice()
    for (let id = 0; id < size; id++) {
      const at = next[last(id)] ?? 0
      this.#ids[at] = id
      next[last(id)] = at + 1
    }
  }

  /** The entries that end in this byte, in either case. */
  endingIn(byte: number): Uint32Array {
    const folded = FOLD[byte] ?? 0
    return this.#ids.subarray(this.#offsets[folded] ?? 0, this.#offsets[folded + 1] ?? 0)
  }
}
