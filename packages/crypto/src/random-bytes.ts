import { randomFillSync } from 'node:crypto'

const poolBytes = 4096

/** Random bytes from the system's generator, fetched many at a time, each given out once and forgotten here. */
export class RandomBytes {
  readonly #pool = Buffer.allocUnsafeSlow(poolBytes)
  #at = poolBytes

  /** Copies `bytes` random ones, at most 64, to a place in a buffer. */
  copyTo(target: Buffer, at: number, bytes: number): void {
    if (this.#at + bytes > poolBytes) {
      randomFillSync(this.#pool)
      this.#at = 0
    }
    this.#pool.copy(target, at, this.#at, this.#at + bytes)
    this.#pool.fill(0, this.#at, this.#at + bytes)
    this.#at += bytes
  }
}
