import { CacheError } from '../errors/cache-error.ts'
import type { Change, ChangeOutcome, Payload } from '../ports/backend.ts'
import type { Clock } from '../ports/clock.ts'
import type { CacheProtection, SealedPlace, SealedTimes } from '../ports/protection.ts'
import type { ReplayGuard } from './replay-guard.ts'

/** What is written beside a payload and sealed with it. */
export interface SealedEntry extends SealedPlace {
  readonly freshForMs: number
  readonly keptForMs: number
}

/** An opened payload, and the times of the entry as far as they were sealed in. */
export interface OpenedEntry {
  readonly payload: Payload
  readonly freshForMs: number
  readonly keptForMs: number
  readonly ageMs: number
}

export interface SealerOptions {
  readonly protection: CacheProtection
  /** Values never stay in this process in a readable form. */
  readonly confidential: boolean
  readonly clock: Clock
  readonly guard: ReplayGuard
  /** How far the wall clocks of the machines may differ. */
  readonly toleranceMs: number
}

/** Seals what a cache stores and opens what it reads, and refuses what is not the entry that was stored there. */
export class Sealer {
  readonly confidential: boolean
  readonly #options: SealerOptions

  constructor(options: SealerOptions) {
    this.confidential = options.confidential
    this.#options = options
  }

  seal(payload: Payload, entry: SealedEntry): Uint8Array {
    const { protection, clock } = this.#options
    const { freshForMs, keptForMs } = entry
    return protection.seal(payload, entry, { wallMs: clock.wallMs(), freshForMs, keptForMs })
  }

  /**
   * The payload of an entry from a store, with times that are no longer than those sealed in.
   *
   * @throws CacheError `DECRYPTION_FAILED` for what was altered, moved, forged or put back; `KEY_UNAVAILABLE`
   */
  openStored(payload: unknown, entry: SealedEntry & { readonly ageMs: number }): OpenedEntry {
    const { guard, toleranceMs, clock } = this.#options
    const opened = this.#open(payload, entry)
    const { wallMs } = opened.times
    const sinceMs = clock.wallMs() - wallMs
    if (sinceMs < -toleranceMs) throw refused('it was sealed in the future')
    if (!guard.admits(entry.key, entry.tags, wallMs))
      throw refused('a later entry was under its key, or it was invalidated')
    const passedMs = sinceMs - toleranceMs
    return {
      payload: opened.payload,
      freshForMs: Math.min(entry.freshForMs, opened.times.freshForMs - passedMs),
      keptForMs: Math.min(entry.keptForMs, opened.times.keptForMs - passedMs),
      ageMs: Math.max(entry.ageMs, passedMs),
    }
  }

  /** The payload of an entry that this process kept sealed. As `openStored`, without its looks at time. */
  openKept(payload: unknown, place: SealedPlace): Payload {
    return this.#open(payload, place).payload
  }

  /** Whether a stored payload is sealed with a key that is not the one in use now. */
  needsResealing(payload: unknown): boolean {
    return payload instanceof Uint8Array && !this.#options.protection.isCurrent(payload)
  }

  /** Takes note of changes that this process made, so that what they ended is not accepted again. */
  noteChanges(changes: readonly Change[], outcomes: readonly ChangeOutcome[]): void {
    const { guard, clock } = this.#options
    const wallMs = clock.wallMs()
    for (const [index, change] of changes.entries()) {
      if (outcomes[index] === 'conflict' || outcomes[index] === 'older') continue
      if (change.kind === 'clear') guard.cleared(wallMs)
      else if (change.kind === 'tags') for (const tag of change.tags) guard.tagChanged(tag, wallMs)
      else if (change.kind !== 'expire') guard.keyChanged(change.key, wallMs)
    }
  }

  #open(payload: unknown, place: SealedPlace): { readonly payload: Payload; readonly times: SealedTimes } {
    if (!(payload instanceof Uint8Array)) throw refused('it is not sealed')
    const reply = this.#options.protection.open(payload, place)
    if (reply.ok) return reply
    if (reply.reason === 'forged') throw refused('it was altered, moved or forged')
    throw new CacheError(
      'KEY_UNAVAILABLE',
      'An entry was sealed with a key that is not here or is disabled; give this process the same keys',
    )
  }
}

function refused(reason: string): CacheError {
  return new CacheError('DECRYPTION_FAILED', `A sealed entry did not open: ${reason}`)
}
