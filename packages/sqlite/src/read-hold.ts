import type { SqliteDatabase, SqliteStatement } from './driver.ts'

/** Reads that have to follow one another within {@link burstMs} before the lock is held for them. */
const burstReads = 4
const burstMs = 1
/** After so many reads the lock is taken anew, so that it is that of the latest state again. */
const readsPerHold = 1024

/**
 * Makes a burst of reads cheap. SQLite asks the system for a lock at each read, which costs more than the read
 * itself, unless another connection of this process has the same lock already: this is that connection. Reads are
 * as strict with it as without it, as each one still looks for the latest commit. The lock is held until the
 * next turn of the event loop or the next write, so that it hinders no checkpoint.
 */
export class ReadHold {
  readonly #database: SqliteDatabase
  readonly #begin: SqliteStatement
  readonly #read: SqliteStatement
  readonly #commit: SqliteStatement
  #held = false
  #reads = 0
  #burstBeganMs = 0

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#begin = database.prepare('BEGIN')
    this.#read = database.prepare('SELECT count(*) FROM sqlite_schema WHERE rowid < 0')
    this.#commit = database.prepare('COMMIT')
    this.#read.get()
  }

  /** To be called before each read. */
  note(monotonicMs: number): void {
    this.#reads++
    if (this.#held) {
      if (this.#reads > readsPerHold) this.#renew()
    } else if (monotonicMs - this.#burstBeganMs > burstMs) {
      this.#burstBeganMs = monotonicMs
      this.#reads = 1
    } else if (this.#reads >= burstReads) {
      this.#hold()
      setImmediate(this.release)
    }
  }

  readonly release = (): void => {
    this.#reads = 0
    if (!this.#held) return
    this.#held = false
    this.#commit.run()
  }

  close(): void {
    this.#held = false
    this.#database.close()
  }

  #renew(): void {
    this.release()
    this.#hold()
  }

  #hold(): void {
    this.#reads = 0
    try {
      this.#begin.run()
      this.#read.get()
      this.#held = true
    } catch {
      // Reads do without; the one that comes next meets the reason, if it lasts.
      if (this.#database.inTransaction) this.#commit.run()
    }
  }
}
