import {
  CacheError,
  type JournalMark,
  type JournaledWrite,
  type JournalWrite,
  type WriteJournal,
} from '@cache/ports'
import { defaultDriver } from '../driver.ts'
import { asCacheError } from '../errors.ts'
import { JournalFile } from './journal-file.ts'
import { checkJournalOptions, type SqliteJournalOptions } from './journal-options.ts'

/**
 * Keeps the writes of a `WriteBehind` in a file of SQLite, so that a crash loses none. One process has it at a time.
 *
 * @throws CacheError `INVALID_OPTION`; the message names the option.
 */
export function sqliteJournal(options: SqliteJournalOptions): WriteJournal {
  checkJournalOptions(options)
  return new SqliteJournal(options)
}

interface Waiting {
  readonly write: JournalWrite
  readonly resolve: (sequence: number) => void
  readonly reject: (error: CacheError) => void
}

class SqliteJournal implements WriteJournal {
  readonly #options: SqliteJournalOptions
  #file: JournalFile | undefined
  #waiting: Waiting[] = []
  #closed = false

  constructor(options: SqliteJournalOptions) {
    this.#options = options
  }

  async open(): Promise<readonly JournaledWrite[]> {
    const { file, driver, durability = 'full', onOpen = () => undefined } = this.#options
    if (this.#closed || this.#file)
      throw new CacheError('CLOSED', 'A journal opens once; make another for the same file')
    try {
      this.#file = JournalFile.open({ file, driver: driver ?? defaultDriver(), durability, onOpen })
      return this.#file.read()
    } catch (error) {
      throw asCacheError(error, file)
    }
  }

  /** All that one tick puts is one transaction. */
  put(write: JournalWrite): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject })
      if (this.#waiting.length === 1) queueMicrotask(() => this.#keep())
    })
  }

  async forget(marks: readonly JournalMark[]): Promise<void> {
    this.#keep()
    this.#run((file) => file.forget(marks))
  }

  async close(): Promise<void> {
    this.#keep()
    this.#closed = true
    this.#file?.close()
    this.#file = undefined
  }

  #keep(): void {
    const group = this.#waiting
    this.#waiting = []
    if (group.length === 0) return
    try {
      const sequences = this.#run((file) => file.put(group.map(({ write }) => write)))
      for (const [index, { resolve, reject }] of group.entries()) {
        const sequence = sequences[index]
        if (sequence === undefined) reject(new CacheError('BACKEND_FAILED', 'The journal lost count'))
        else resolve(sequence)
      }
    } catch (error) {
      for (const { reject } of group) reject(asCacheError(error, this.#options.file))
    }
  }

  #run<T>(action: (file: JournalFile) => T): T {
    if (!this.#file) throw new CacheError('CLOSED', 'The journal is not open')
    try {
      return action(this.#file)
    } catch (error) {
      throw asCacheError(error, this.#options.file)
    }
  }
}
