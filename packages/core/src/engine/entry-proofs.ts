import type { Clock, EntryStore, LocalEntry, LocalTier, Timer } from '@cache/ports'

/** What a touch asks of a local tier. */
export interface ProofSource {
  readonly tier: LocalTier
  readonly clock: Clock
  readonly store: EntryStore
  /** Told how many entries turned out to be void. */
  readonly onVoid: ((count: number) => void) | undefined
}

/** Touches wait this long for others, so that the store is asked no more often. */
const gatherMs = 10

/** One question names so many keys, and entries of so many bytes. */
const keysPerQuestion = 1000
const bytesPerQuestion = 1_048_576

/** How many touches are remembered, and how many entries wait for a proof. */
const remembered = 4096

/**
 * What becomes of entries that somebody touched in the store without a word of what was done. Most touches are echoes of
 * changes that were announced and are applied by now, or of fills; the rest are changes by foreign writers. Nothing in a touch
 * tells them apart, so the store is asked: an entry that has the same revision there stays, every other one is dropped. Questions
 * are gathered, and only about keys that the tier holds.
 */
export class EntryProofs {
  readonly #source: ProofSource
  /** The number of the latest touch of each key. */
  readonly #touched = new Map<string, number>()
  /** Keys whose entries are to be proven. */
  readonly #unproven = new Set<string>()
  /** Touches up to it count as having touched every key. */
  #floor = 0
  #count = 0
  #timer: Timer | undefined
  #isAsking = false

  constructor(source: ProofSource) {
    this.#source = source
  }

  /** How many touches came so far; take it before the command whose entry is to be kept is sent. */
  get count(): number {
    return this.#count
  }

  touch(keys: readonly string[]): void {
    const number = ++this.#count
    for (const key of keys) {
      this.#remember(key, number)
      if (this.#source.tier.peek(key)) this.#doubt(key)
    }
  }

  /** Drops everything: whatever was touched is not known. */
  touchAll(): void {
    this.#floor = ++this.#count
    this.#touched.clear()
    this.#unproven.clear()
    this.#void(this.#source.tier.size)
    this.#source.tier.clear()
  }

  /** An entry was put into the tier that was asked for after so many touches; later ones may have made it void. */
  kept(key: string, afterTouches: number): void {
    if (afterTouches === this.#count) return
    if ((this.#touched.get(key) ?? this.#floor) > afterTouches) this.#doubt(key)
  }

  #remember(key: string, number: number): void {
    this.#touched.delete(key)
    this.#touched.set(key, number)
    if (this.#touched.size <= remembered) return
    for (const [oldest, touchedAt] of this.#touched) {
      this.#touched.delete(oldest)
      this.#floor = touchedAt
      return
    }
  }

  #doubt(key: string): void {
    if (this.#unproven.size >= remembered && !this.#unproven.has(key)) {
      this.#drop(key)
      return
    }
    this.#unproven.add(key)
    this.#askLater()
  }

  #askLater(): void {
    if (this.#isAsking || this.#timer) return
    this.#timer = this.#source.clock.setTimer(gatherMs, () => {
      this.#timer = undefined
      this.#isAsking = true
      void this.#ask().finally(() => {
        this.#isAsking = false
        if (this.#unproven.size > 0) this.#askLater()
      })
    })
  }

  async #ask(): Promise<void> {
    const held = this.#next()
    if (held.size === 0) return
    const revisions = await this.#storedRevisions([...held.keys()])
    for (const [index, [key, entry]] of [...held].entries()) {
      // What was put there meanwhile is judged by the touches since it was asked for.
      if (this.#source.tier.peek(key) === entry && revisions[index] !== entry.revision) this.#drop(key)
    }
  }

  /** A store that does not answer proves nothing. */
  async #storedRevisions(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    try {
      const { entries } = await this.#source.store.read(keys)
      return entries.map((entry) => entry?.revision)
    } catch {
      return []
    }
  }

  #next(): Map<string, LocalEntry> {
    const held = new Map<string, LocalEntry>()
    let bytes = 0
    for (const key of this.#unproven) {
      if (held.size === keysPerQuestion || bytes >= bytesPerQuestion) break
      this.#unproven.delete(key)
      const entry = this.#source.tier.peek(key)
      if (!entry) continue
      held.set(key, entry)
      bytes += entry.sizeBytes
    }
    return held
  }

  #drop(key: string): void {
    if (this.#source.tier.delete(key)) this.#void(1)
  }

  #void(count: number): void {
    if (count > 0) this.#source.onVoid?.(count)
  }
}
