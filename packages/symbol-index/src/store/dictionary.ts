import { firstMask, FOLD, secondMask } from './text-mask.ts'

const LOWER_A = 97
const LOWER_Z = 122

/** The three sections of a dictionary, in the order in which they are passed around. */
export interface DictionarySections {
  readonly bytes: Uint8Array
  readonly offsets: Uint32Array
  /** Two words for each entry, see text-mask.ts. */
  readonly masks: Uint32Array
}

/** Distinct texts, as UTF-8 in one array. A text is decoded when it is first asked for, and then kept. */
export class Dictionary implements DictionarySections {
  readonly bytes: Uint8Array
  readonly offsets: Uint32Array
  readonly masks: Uint32Array
  readonly size: number
  /** Whether no entry has a lower-case ASCII letter. */
  readonly isUpperCase: boolean
  /** Entries that hold anything but ASCII; they are compared as strings. */
  readonly wide: ReadonlySet<number>
  readonly #buffer: Buffer
  readonly #texts: (string | undefined)[]
  #folded: Uint8Array | undefined

  constructor({ bytes, offsets, masks }: DictionarySections) {
    this.bytes = bytes
    this.offsets = offsets
    this.masks = masks
    this.size = offsets.length - 1
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#texts = Array.from({ length: this.size })
    this.wide = findWide(bytes, offsets)
    this.isUpperCase = !bytes.some((byte) => byte >= LOWER_A && byte <= LOWER_Z)
  }

  /** The bytes with ASCII letters in upper case. */
  get folded(): Uint8Array {
    this.#folded ??= this.isUpperCase ? this.bytes : Uint8Array.from(this.bytes, (byte) => FOLD[byte] ?? 0)
    return this.#folded
  }

  text(id: number): string {
    const known = this.#texts[id]
    if (known !== undefined) return known
    const start = this.offsets[id] ?? 0
    const end = this.offsets[id + 1] ?? start
    const text = this.#buffer.toString(this.wide.has(id) ? 'utf8' : 'latin1', start, end)
    this.#texts[id] = text
    return text
  }

  /** Length in UTF-16 units, as JavaScript counts. */
  length(id: number): number {
    if (this.wide.size !== 0 && this.wide.has(id)) return this.text(id).length
    return (this.offsets[id + 1] ?? 0) - (this.offsets[id] ?? 0)
  }
}

/** Collects distinct texts and gives each a number. */
export class DictionaryWriter {
  readonly #ids = new Map<string, number>()

  get size(): number {
    return this.#ids.size
  }

  add(text: string): number {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = this.#ids.size
    this.#ids.set(text, id)
    return id
  }

  encode(): DictionarySections {
    const texts = [...this.#ids.keys()]
    const bytes = Buffer.from(texts.join(''), 'utf8')
    const offsets = new Uint32Array(texts.length + 1)
    const masks = new Uint32Array(texts.length * 2)
    let at = 0
    texts.forEach((text, id) => {
      const start = at
      at += Buffer.byteLength(text, 'utf8')
      offsets[id + 1] = at
      masks[id * 2] = firstMask(bytes, start, at)
      masks[id * 2 + 1] = secondMask(bytes, start, at)
    })
    return { bytes, offsets, masks }
  }
}

function findWide(bytes: Uint8Array, offsets: Uint32Array): ReadonlySet<number> {
  const wide = new Set<number>()
  let id = 0
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] ?? 0) < 128) continue
    while ((offsets[id + 1] ?? Infinity) <= at) id++
    wide.add(id)
  }
  return wide
}
