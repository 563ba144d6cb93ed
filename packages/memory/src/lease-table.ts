import type { Lease, Timer } from '@cache/ports'

/** What is noted about a key beside its entry; it ends by itself at `untilMs`. */
export type LeaseNote =
  | { readonly kind: 'lease'; readonly token: string; readonly sequence: number; readonly untilMs: number }
  | { readonly kind: 'unstored'; readonly untilMs: number }
  | { readonly kind: 'throttle'; readonly untilMs: number }

const maxNotes = 65_536

/**
 * Leases and markers by key. Bounded: each write drops up to two notes that have ended, and past the limit the
 * oldest one goes, which costs its holder the fill and nothing else.
 */
export class LeaseTable {
  readonly #notes = new Map<string, LeaseNote>()
  /** Those who wait for the end of a key's note. */
  readonly #waiting = new Map<string, Set<() => void>>()

  get size(): number {
    return this.#notes.size
  }

  /** Of leases and markers, also of those that have ended since; in no order. */
  keys(): string[] {
    return [...this.#notes.keys()]
  }

  find(key: string, nowMs: number): LeaseNote | undefined {
    const note = this.#notes.get(key)
    if (note === undefined || nowMs < note.untilMs) return note
    this.#drop(key)
    return undefined
  }

  /** Resolves when the note of the key ends before its time, or the timer says so. */
  ended(key: string, startTimer: (end: () => void) => Timer): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set()
      const end = (): void => {
        timer.cancel()
        waiting.delete(end)
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key)
        resolve()
      }
      const timer = startTimer(end)
      this.#waiting.set(key, waiting.add(end))
    })
  }

  /** Whether the lease is still the caller's. */
  holds(key: string, lease: Lease, nowMs: number): boolean {
    const note = this.find(key, nowMs)
    return note?.kind === 'lease' && note.token === lease.token && note.sequence === lease.sequence
  }

  put(key: string, note: LeaseNote, nowMs: number): void {
    this.#notes.delete(key)
    this.#notes.set(key, note)
    this.sweep(2, nowMs)
    if (this.#notes.size > maxNotes) this.#dropOldest()
  }

  end(key: string): void {
    this.#drop(key)
  }

  clear(): void {
    this.#notes.clear()
    for (const key of this.#waiting.keys()) this.#wake(key)
  }

  /** Drops up to `limit` of the oldest notes, as far as they have ended. */
  sweep(limit: number, nowMs: number): void {
    let left = limit
    for (const [key, note] of this.#notes) {
      if (left-- === 0 || nowMs < note.untilMs) return
      this.#drop(key)
    }
  }

  #dropOldest(): void {
    for (const key of this.#notes.keys()) {
      this.#drop(key)
      return
    }
  }

  #drop(key: string): void {
    if (this.#notes.delete(key)) this.#wake(key)
  }

  #wake(key: string): void {
    for (const end of this.#waiting.get(key) ?? []) end()
  }
}
