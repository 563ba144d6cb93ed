const sharedBytes = 65_536

/** Room for text on its way to a cipher; what was written is overwritten with zeros as soon as it was used. */
export class Scratch {
  readonly #shared = Buffer.allocUnsafeSlow(sharedBytes)

  /** Calls `use` with the text in UTF-8. `use` must not keep the bytes. */
  withText<T>(text: string, use: (bytes: Buffer) => T): T {
    const room =
      text.length * 3 <= sharedBytes ? this.#shared : Buffer.allocUnsafeSlow(Buffer.byteLength(text))
    const length = room.write(text)
    const bytes = room.subarray(0, length)
    try {
      return use(bytes)
    } finally {
      bytes.fill(0)
    }
  }
}
