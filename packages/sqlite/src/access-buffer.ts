import type { EntryAddress, Transaction } from './transaction.ts'

interface Access extends EntryAddress {
  /** Database time of the latest read. */
  atMs: number
  count: number
}

/** Reads noted between two flushes; beyond it new keys are not noted until the next, so that memory is bounded. */
const maxNoted = 4096

/** Access times and counts, kept in memory until a write transaction takes them along: a read never writes. */
export class AccessBuffer {
  readonly #versions = new Map<number, Map<string, Access>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  note(key: string, version: number, nowMs: number): void {
    const noted = this.#notesOf(version)
    const access = noted.get(key)
    if (access !== undefined) {
      access.atMs = nowMs
      access.count++
    } else if (this.#size < maxNoted) {
      noted.set(key, { key, version, atMs: nowMs, count: 1 })
      this.#size++
    }
  }

  /** Writes and forgets up to `limit` of what was noted. Lost where the transaction is rolled back. */
  write(tx: Transaction, limit: number): void {
    let left = Math.min(limit, this.#size)
    for (const noted of this.#versions.values()) {
      for (const { key, version, atMs, count } of noted.values()) {
        if (left-- <= 0) return
        tx.entries.noteAccess.run(Math.floor(atMs), count, key, version)
        tx.dirty = true
        noted.delete(key)
        this.#size--
      }
    }
  }

  #notesOf(version: number): Map<string, Access> {
    const known = this.#versions.get(version)
    if (known) return known
    const noted = new Map<string, Access>()
    this.#versions.set(version, noted)
    return noted
  }
}
