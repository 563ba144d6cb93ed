import { CacheError, type Change, type StoredEntry } from '@cache/ports'
import type { CacheContext } from './cache-context.ts'
import { removed, type EntryReader } from './entry-reader.ts'
import type { EntryWriter } from './entry-writer.ts'

/** How far the resealing of one cache has come. */
export interface ResealCounts {
  /** Entries looked at. */
  readonly scanned: number
  /** Entries sealed with the present key now. */
  readonly resealed: number
  /** Entries that are sealed with another key and could not be opened, because it is not here. */
  readonly unreadable: number
}

export interface ResealPace {
  /** Entries in one step. */
  readonly batchSize: number
  /** Between two steps, for the calls of others. */
  readonly pauseMs: number
  readonly signal: AbortSignal | undefined
}

/** Seals the entries of a cache with the present key, in steps, through the cache itself: any backend will do. */
export class Resealing<V> {
  readonly #context: CacheContext<V>
  readonly #reader: EntryReader<V>
  readonly #writer: EntryWriter<V>

  constructor(context: CacheContext<V>, reader: EntryReader<V>, writer: EntryWriter<V>) {
    this.#context = context
    this.#reader = reader
    this.#writer = writer
  }

  /**
   * One pass over the entries; what is sealed with the present key already is only looked at, so that a pass that was
   * cut short is made good by another one. An entry that changes meanwhile is left as it was changed to.
   *
   * @throws CacheError `ABORTED`; when the backend fails
   */
  async run(pace: ResealPace, onStep: (counts: ResealCounts) => void): Promise<ResealCounts> {
    const counts = { scanned: 0, resealed: 0, unreadable: 0 }
    let cursor: string | undefined
    do {
      if (pace.signal?.aborted)
        throw new CacheError('ABORTED', 'Resealing was aborted; call it again to go on', {
          cause: pace.signal.reason,
        })
      const page = await this.#context.store.scan({ limit: pace.batchSize, cursor })
      await this.#step(page.keys, counts)
      onStep({ ...counts })
      cursor = page.cursor
      if (cursor !== undefined) await this.#pause(pace.pauseMs)
    } while (cursor !== undefined)
    return counts
  }

  async #step(
    keys: readonly string[],
    counts: { scanned: number; resealed: number; unreadable: number },
  ): Promise<void> {
    if (keys.length === 0) return
    const sent = await this.#reader.send()
    const { entries, stamp } = await this.#context.store.read(keys)
    const changes: Change[] = []
    for (const [index, key] of keys.entries()) {
      const entry = entries[index]
      if (!entry) continue
      counts.scanned++
      if (!this.#isDue(entry)) continue
      const found = await this.#reader.accept(key, entry, sent, stamp?.sequence)
      if (found && found !== removed) changes.push(this.#writer.rewrite(key, found))
      else counts.unreadable++
    }
    if (changes.length === 0) return
    const outcomes = await this.#writer.apply(changes)
    counts.resealed += outcomes.filter((outcome) => outcome === 'applied').length
  }

  #isDue({ payload }: StoredEntry): boolean {
    return this.#context.packer.sealer?.needsResealing(payload) ?? false
  }

  async #pause(pauseMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#context.clock.setTimer(pauseMs, resolve)
    })
  }
}
