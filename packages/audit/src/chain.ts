import { hash, timingSafeEqual } from 'node:crypto'
import { KeyHasher } from '@cache/crypto'

export const chainKeyBytes = 32
/** Base64url characters of a MAC: 132 bits. */
const macLength = 22
const nextLabel = Buffer.from('cache-audit next')
const macLabel = Buffer.from('cache-audit mac')

/** Where a chain of records stands. */
export interface ChainPosition {
  /** The number of the last record; 0 before the first. */
  readonly seq: number
  /** Its MAC; empty before the first. */
  readonly mac: string
}

export const chainStart: ChainPosition = { seq: 0, mac: '' }

/**
 * The key of a chain, which only moves forward: each epoch's key is a hash of the one before, which is overwritten. So
 * whoever takes the key of today can't make or change a record of yesterday.
 */
export class ChainKey {
  #epoch: number
  readonly #key: Buffer
  #hasher: KeyHasher | undefined

  /** `key` is that of the epoch, and is copied. */
  constructor(epoch: number, key: Uint8Array) {
    this.#epoch = epoch
    this.#key = Buffer.from(key)
  }

  get epoch(): number {
    return this.#epoch
  }

  /** The MAC of a record or a checkpoint, with that of the record before it. */
  mac(previous: string, body: string): string {
    this.#hasher ??= new KeyHasher(digest(macLabel, this.#key))
    return this.#hasher.hash(`${previous}\n${body}`).slice(0, macLength)
  }

  /** Goes on to the next epoch. */
  advance(): void {
    const next = digest(nextLabel, this.#key)
    this.#key.set(next)
    next.fill(0)
    this.#epoch++
    this.#forgetHasher()
  }

  /** Goes on to an epoch. `O(epochs)`. */
  advanceTo(epoch: number): void {
    while (this.#epoch < epoch) this.advance()
  }

  /** A copy, to be kept in the state. */
  bytes(): Buffer {
    return Buffer.from(this.#key)
  }

  wipe(): void {
    this.#key.fill(0)
    this.#forgetHasher()
  }

  #forgetHasher(): void {
    this.#hasher?.wipe()
    this.#hasher = undefined
  }
}

/** In constant time for MACs of the right length. */
export function isSameMac(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

function digest(label: Buffer, key: Buffer): Buffer {
  const input = Buffer.concat([label, key])
  const result = hash('sha256', input, 'buffer')
  input.fill(0)
  return result
}
