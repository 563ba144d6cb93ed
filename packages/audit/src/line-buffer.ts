const chunkBytes = 65_536

/** Lines that wait to be written, as bytes: they outlive a moment, and text that does burdens the garbage collector. */
export class LineBuffer {
  #chunks: Buffer[] = []
  #used = chunkBytes
  #sizeBytes = 0
  #lines = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get lines(): number {
    return this.#lines
  }

  add(line: string): void {
    if (this.#used + line.length * 3 > chunkBytes) this.#addChunk(Math.max(chunkBytes, line.length * 3))
    const chunk = this.#chunks.at(-1)
    if (!chunk) return
    const written = chunk.write(line, this.#used)
    this.#used += written
    this.#sizeBytes += written
    this.#lines++
  }

  /** Puts lines that were taken before those that came since. */
  putBack(taken: TakenLines): void {
    this.#closeChunk()
    this.#chunks.unshift(taken.bytes)
    this.#sizeBytes += taken.bytes.length
    this.#lines += taken.lines
  }

  /** All lines, which are this buffer's no more. */
  take(): TakenLines {
    this.#closeChunk()
    const taken = { bytes: Buffer.concat(this.#chunks), lines: this.#lines }
    this.clear()
    return taken
  }

  clear(): void {
    this.#chunks = []
    this.#used = chunkBytes
    this.#sizeBytes = 0
    this.#lines = 0
  }

  #addChunk(bytes: number): void {
    this.#closeChunk()
    this.#chunks.push(Buffer.allocUnsafeSlow(bytes))
    this.#used = 0
  }

  /** Cuts the last chunk to what was written, after which the next line takes a new one. */
  #closeChunk(): void {
    const last = this.#chunks.pop()
    if (last) this.#chunks.push(last.subarray(0, Math.min(this.#used, last.length)))
    this.#used = chunkBytes
  }
}

export interface TakenLines {
  readonly bytes: Buffer
  readonly lines: number
}
