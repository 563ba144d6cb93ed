import type { Transaction } from './transaction.ts'

interface Access {
  readonly key: string
  readonly version: number
  /** Database time of the latest read. */
  atMs: number
  count: number
}

/** Keys noted between two writes; beyond it new keys are not noted until the next, so that memory is bounded. */
const maxNoted = 4096

/** Access times and counts, kept in memory until a write transaction takes them along: a read never writes. */
export class AccessBuffer {
  readonly #versions = new Map<number, VersionAccesses>()
  readonly #onFirst: () => void
  #size = 0

  /** `onFirst` is called when something is noted after a while of nothing. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst
  }

  get size(): number {
    return this.#size
  }

  /** The notes of one schema version. */
  of(version: number): VersionAccesses {
    const known = this.#versions.get(version)
    if (known) return known
    const accesses = new VersionAccesses(version, () => this.#admits())
    this.#versions.set(version, accesses)
    return accesses
  }

  /** Writes and forgets up to `limit` of what was noted. Lost where the transaction is rolled back. */
  write(tx: Transaction, limit: number): void {
    let left = Math.min(limit, this.#size)
    for (const { noted } of this.#versions.values()) {
      for (const { key, version, atMs, count } of noted.values()) {
        if (left-- <= 0) return
        tx.entries.noteAccess.run(Math.floor(atMs), count, key, version)
        tx.dirty = true
        noted.delete(key)
        this.#size--
      }
    }
  }

  #admits(): boolean {
    if (this.#size >= maxNoted) return false
    if (this.#size === 0) this.#onFirst()
    this.#size++
    return true
  }
}

/** The reads of one schema version's entries. */
export class VersionAccesses {
  readonly noted: Map<string, Access> = new Map()
  readonly #version: number
  readonly #admits: () => boolean

  constructor(version: number, admits: () => boolean) {
    this.#version = version
    this.#admits = admits
  }

  note(key: string, nowMs: number): void {
    const access = this.noted.get(key)
    if (access !== undefined) {
      access.atMs = nowMs
      access.count++
    } else if (this.#admits()) {
      this.noted.set(key, { key, version: this.#version, atMs: nowMs, count: 1 })
    }
  }
}
