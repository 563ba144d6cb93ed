import type { Payload } from './backend.ts'

/** A write that waits for its source. */
export interface JournalWrite {
  readonly key: string
  readonly payload: Payload
  /** How the payload is encoded. */
  readonly format: number
}

/** What a journal kept; a later write of the same key has a higher sequence. */
export interface JournaledWrite extends JournalWrite {
  readonly sequence: number
}

/** Which write is meant: a later one of the same key is another. */
export type JournalMark = Pick<JournaledWrite, 'key' | 'sequence'>

/**
 * Keeps writes that wait for their source, so that a crash loses none: the latest of each key. It belongs to one
 * process at a time.
 */
export interface WriteJournal {
  /**
   * Takes the journal over. Resolves with what it holds, oldest first.
   *
   * @throws CacheError `BACKEND_LOCKED` while another process has it, or of what hinders it
   */
  open(): Promise<readonly JournaledWrite[]>
  /**
   * Keeps a write, in place of the former one of its key. Resolves with its sequence once it is as safe as the journal
   * promises; writes made in one tick may become safe together.
   *
   * @throws CacheError when it was not kept; the former write of the key still is
   */
  put(write: JournalWrite): Promise<number>
  /**
   * Forgets writes that reached their source, each unless another has taken its place.
   *
   * @throws CacheError when that was not acknowledged: they may come back with the next `open`
   */
  forget(marks: readonly JournalMark[]): Promise<void>
  /** Ends what is under way and lets go of the journal, with what it holds. Idempotent. */
  close(): Promise<void>
}
