import type { Invalidation, LocalEntry, LocalTier } from '@cache/ports'
import { keyPattern } from '../keys/key-pattern.ts'
import { patternOf } from '../keys/tags.ts'

/** How many keys and tags are remembered one by one. */
const remembered = 4096

/** In place of a count of tag invalidations: the entry's tags were found not to hold. */
const voidByTag = -1

/**
 * The changes that a local tier has applied, remembered far enough back to tell whether an entry that arrives
 * late may still be kept. Bounded: what was forgotten counts as having touched every key.
 */
export class AppliedInvalidations {
  readonly #tier: LocalTier
  readonly #keys = new Map<string, number>()
  readonly #tags = new Map<string, number>()
  /** Told how many entries of the tier a change has made void, before they are dropped. */
  readonly #onInvalidated: ((count: number) => void) | undefined
  #sequence = 0
  /** Changes at or below it are forgotten, so entries that reflect less are refused. */
  #floor = 0
  #clearedAt = 0
  #tagChanges = 0

  constructor(tier: LocalTier, onInvalidated?: (count: number) => void) {
    this.#tier = tier
    this.#onInvalidated = onInvalidated
  }

  get sequence(): number {
    return this.#sequence
  }

  /** Starts anew at a sequence; the tier is empty then. Changes of this process up to `own` may lie after it. */
  restart(sequence: number, own: number): void {
    this.#keys.clear()
    this.#tags.clear()
    this.#sequence = sequence
    this.#floor = Math.max(sequence, own)
    this.#clearedAt = 0
  }

  /** Takes the next change of the store's log; earlier ones have been applied already. */
  apply(invalidation: Invalidation): void {
    if (invalidation.sequence < this.#sequence) return
    this.#sequence = invalidation.sequence
    this.note(invalidation)
  }

  /** Nothing but what was applied lies up to this sequence. */
  reach(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence)
  }

  /** Drops what a change makes void and remembers it, without a claim to know every change before it. */
  note(invalidation: Invalidation): void {
    const { sequence } = invalidation
    switch (invalidation.kind) {
      case 'keys':
        for (const key of invalidation.keys) this.#applyKey(key, sequence)
        return
      case 'tags':
        for (const tag of invalidation.tags) this.#applyTag(tag, sequence)
        return
      case 'clear':
        this.#clearedAt = Math.max(this.#clearedAt, sequence)
        this.#onInvalidated?.(this.#tier.size)
        this.#tier.clear()
    }
  }

  /** Whether no applied change is newer than what the entry reflects. */
  permits(storedKey: string, entry: LocalEntry): boolean {
    if (entry.sequence < this.#floor || entry.sequence < this.#clearedAt) return false
    return (this.#keys.get(storedKey) ?? 0) <= entry.sequence && this.#tagsAreNotAfter(entry)
  }

  /** Whether the entry's tags still hold. One comparison unless a tag was invalidated since it was last asked. */
  tagsHold(entry: LocalEntry): boolean {
    if (entry.tags.length === 0 || entry.tagsCheckedAt === this.#tagChanges) return true
    if (!this.#tagsAreNotAfter(entry)) {
      if (entry.tagsCheckedAt !== voidByTag) this.#onInvalidated?.(1)
      entry.tagsCheckedAt = voidByTag
      return false
    }
    entry.tagsCheckedAt = this.#tagChanges
    return true
  }

  #tagsAreNotAfter(entry: LocalEntry): boolean {
    return entry.tags.every((tag) => (this.#tags.get(tag) ?? 0) <= entry.sequence)
  }

  #applyKey(key: string, sequence: number): void {
    const entry = this.#tier.peek(key)
    if (entry && entry.sequence < sequence) this.#drop(key)
    const latest = Math.max(sequence, this.#keys.get(key) ?? 0)
    this.#keys.delete(key)
    this.#keys.set(key, latest)
    if (this.#keys.size > remembered) this.#forgetOldestKey()
  }

  #drop(key: string): void {
    this.#onInvalidated?.(1)
    this.#tier.delete(key)
  }

  #forgetOldestKey(): void {
    for (const [key, sequence] of this.#keys) {
      this.#keys.delete(key)
      this.#floor = Math.max(this.#floor, sequence)
      return
    }
  }

  #applyTag(tag: string, sequence: number): void {
    const pattern = patternOf(tag)
    if (pattern !== undefined) this.#applyPattern(pattern, sequence)
    else this.#applyName(tag, sequence)
  }

  /** What arrives late and reflects less is refused, whatever its key. */
  #applyPattern(pattern: string, sequence: number): void {
    const compiled = keyPattern(pattern)
    for (const [key, entry] of this.#tier.entries()) {
      if (entry.sequence < sequence && compiled.matches(key)) this.#drop(key)
    }
    this.#floor = Math.max(this.#floor, sequence)
  }

  #applyName(tag: string, sequence: number): void {
    this.#tagChanges++
    this.#tags.set(tag, Math.max(sequence, this.#tags.get(tag) ?? 0))
    if (this.#tags.size > remembered) this.#settleTags()
  }

  /** Drops every entry whose tags no longer hold, after which the tags need not be remembered. */
  #settleTags(): void {
    for (const [key, entry] of this.#tier.entries()) {
      if (!this.#tagsAreNotAfter(entry)) this.#tier.delete(key)
    }
    for (const sequence of this.#tags.values()) this.#floor = Math.max(this.#floor, sequence)
    this.#tags.clear()
  }
}
