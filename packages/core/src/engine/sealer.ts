import {
  CacheError,
  type CacheProtection,
  type Change,
  type ChangeOutcome,
  type Clock,
  type Payload,
  type SealedPlace,
  type SealedTimes,
  type StoredEntry,
} from '@cache/ports'
import type { ReplayGuard } from './replay-guard.ts'

/** A sealed payload with what the entry says beside it. */
export interface KeptEntry extends Omit<SealedPlace, 'key'> {
  readonly payload: unknown
}

/** What is written beside a payload and sealed with it. */
export interface SealedEntry extends SealedPlace {
  readonly freshForMs: number
  readonly keptForMs: number
}

/** An opened payload, and its entry with times that are no longer than those sealed in. */
export interface OpenedEntry<E> {
  readonly payload: Payload
  readonly entry: E
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
   * The payload of an entry from a store, and the entry with times that are no longer than those sealed in.
   *
   * @throws CacheError `DECRYPTION_FAILED` for what was altered, moved, forged or put back; `KEY_UNAVAILABLE`
   */
  openStored<E extends StoredEntry>(entry: E, key: string): OpenedEntry<E> {
    const { guard, toleranceMs, clock } = this.#options
    const { payload, times } = this.#open(entry, key)
    const sinceMs = clock.wallMs() - times.wallMs
    if (sinceMs < -toleranceMs) throw refused('it was sealed in the future')
    if (!guard.admits(key, entry.tags, times.wallMs))
      throw refused('a later entry was under its key, or it was invalidated')
    return { payload, entry: limited(entry, times, sinceMs - toleranceMs) }
  }

  /** The payload of an entry that this process kept sealed. As `openStored`, without its looks at time. */
  openKept(entry: KeptEntry, key: string): Payload {
    return this.#open(entry, key).payload
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

  #open(entry: KeptEntry, key: string): { readonly payload: Payload; readonly times: SealedTimes } {
    const { payload, format, revision, version, tags } = entry
    if (!(payload instanceof Uint8Array)) throw refused('it is not sealed')
    const reply = this.#options.protection.open(payload, { key, format, revision, version, tags })
    if (reply.ok) return reply
    if (reply.reason === 'forged') throw refused('it was altered, moved or forged')
    throw new CacheError(
      'KEY_UNAVAILABLE',
      'An entry was sealed with a key that is not here or is disabled; give this process the same keys',
    )
  }
}

/** What the store says may end an entry earlier than what was sealed in, and never later. */
function limited<E extends StoredEntry>(entry: E, times: SealedTimes, passedMs: number): E {
  const freshForMs = times.freshForMs - passedMs
  const keptForMs = times.keptForMs - passedMs
  if (entry.freshForMs <= freshForMs && entry.keptForMs <= keptForMs && entry.ageMs >= passedMs) return entry
  return {
    ...entry,
    freshForMs: Math.min(entry.freshForMs, freshForMs),
    keptForMs: Math.min(entry.keptForMs, keptForMs),
    ageMs: Math.max(entry.ageMs, passedMs),
  }
}

function refused(reason: string): CacheError {
  return new CacheError('DECRYPTION_FAILED', `A sealed entry did not open: ${reason}`)
}
