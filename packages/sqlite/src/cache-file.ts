import type { BackendContext, CacheError, Eviction, Stamp } from '@cache/ports'
import { AccessBuffer } from './access-buffer.ts'
import { AccessWrites } from './access-writes.ts'
import { CommitWatch } from './commit-watch.ts'
import type { Connection } from './connection.ts'
import { asCacheError, closedError, failureKind, lockedError } from './errors.ts'
import { fileIdOf } from './epoch.ts'
import { evict, isOverLimit } from './eviction.ts'
import { openFile, replaceFile, type OpenPlan } from './open-file.ts'
import { Pauses } from './pauses.ts'
import type { Limits, Step, Transaction } from './transaction.ts'
import { WriteQueue, type WriteTarget } from './write-queue.ts'

/** How often the file's identity is looked at, at most: it may be removed or replaced while it is open. */
const identityIntervalMs = 200

const longestPauseMs = 25
/** While the backend closes, a lock is waited for this often and no longer. */
const attemptsWhileClosing = 40

export interface CacheFileOptions {
  readonly plan: OpenPlan
  readonly limits: Limits
  readonly lockTimeoutMs: number
  readonly onEvict: (event: Eviction) => void
}

/** The file of one cache: opens it when it is first used, mends what can be mended, and runs reads and writes. */
export class CacheFile implements WriteTarget {
  readonly accesses: AccessBuffer
  readonly #commits: CommitWatch
  readonly #accessWrites: AccessWrites
  readonly #options: CacheFileOptions
  readonly #context: BackendContext
  readonly #queue: WriteQueue
  readonly #pauses: Pauses
  #connection: Connection | undefined
  #opening: Promise<Connection> | undefined
  #nextIdentityCheckMs = 0
  #closing: Promise<void> | undefined
  #closed = false

  constructor(options: CacheFileOptions) {
    this.#options = options
    this.#context = options.plan.context
    this.#queue = new WriteQueue(this)
    this.#pauses = new Pauses(this.#context)
    this.#commits = new CommitWatch(this.#context, () => this.#commitCount())
    this.accesses = new AccessBuffer(() => this.#accessWrites.expect())
    this.#accessWrites = new AccessWrites(this.accesses, this.#context, (step) => this.write(step))
  }

  get path(): string {
    return this.#options.plan.path
  }

  /** The open connection; its file is looked at now and then. */
  current(): Connection | undefined {
    if (this.#connection && this.monotonicMs() >= this.#nextIdentityCheckMs)
      this.#checkIdentity(this.#connection)
    return this.#connection
  }

  /**
   * The same for a read of these keys, or of anything: what was queued before it and concerns them comes first. The
   * read then takes its time from `connection.time.nowMs`.
   */
  ready(keys?: readonly string[]): Connection | undefined {
    const connection = this.#connection
    if (connection === undefined) return undefined
    connection.beforeRead()
    if (connection.time.monotonicMs >= this.#nextIdentityCheckMs) this.#checkIdentity(connection)
    if (this.#queue.concerns(keys)) this.#queue.flush(this.#connection)
    return this.#connection
  }

  /** Whether nothing was committed after the stamp; `false` where the file can't be asked at once. */
  isAt(stamp: Stamp): boolean {
    const connection = this.#connection
    if (connection === undefined || this.#closing) return false
    try {
      connection.beforeRead()
      if (connection.time.monotonicMs >= this.#nextIdentityCheckMs) this.#checkIdentity(connection)
      const { epoch, sequence } = connection.currentStamp()
      return this.#connection === connection && epoch === stamp.epoch && sequence === stamp.sequence
    } catch {
      connection.rollback()
      return false
    }
  }

  /** Resolves with the next commit of any process, and after `withinMs` at the latest. */
  nextCommit(withinMs: number): Promise<void> {
    return this.#closing ? Promise.resolve() : this.#commits.next(withinMs)
  }

  /** Runs a read, as soon as there is a connection for it; again after what can be mended. */
  async read<T>(operation: (connection: Connection) => T, keys?: readonly string[]): Promise<T> {
    this.#refuseClosed()
    const sinceMs = this.monotonicMs()
    for (let attempt = 0, recovered = false; ;) {
      if (this.current() === undefined) await this.connect()
      const connection = this.ready(keys)
      if (connection === undefined) continue
      try {
        return operation(connection)
      } catch (error) {
        connection.rollback()
        const kind = failureKind(error)
        if (kind === 'busy') await this.#waitForLock(sinceMs, attempt++)
        else if (kind === 'corrupt' && !recovered) await this.recover(connection, error)
        else throw this.#failed(connection, error)
        recovered ||= kind === 'corrupt'
      }
    }
  }

  /** Runs a step in the transaction that this tick's steps share; `keys` where it concerns no others. */
  write<T>(step: Step<T>, keys?: readonly string[]): Promise<T> {
    if (this.#closing) return Promise.reject(closedError())
    return this.#queue.run(step, keys)
  }

  connect(): Promise<Connection> {
    if (this.#closed) return Promise.reject(closedError())
    if (this.#connection) return Promise.resolve(this.#connection)
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  begin(connection: Connection): Transaction {
    return connection.begin(this.#options.limits)
  }

  commit(connection: Connection, tx: Transaction): void {
    tx.complete()
    const over = isOverLimit(tx)
    if (over) this.accesses.write(tx, Number.POSITIVE_INFINITY)
    else if (tx.dirty) this.#accessWrites.join(tx)
    if (over) evict(tx)
    connection.commit(tx)
    this.#commits.wake()
    this.#reportEvictions(tx)
  }

  pause(attempt: number): Promise<void> {
    const longestMs = Math.min(longestPauseMs, 2 ** attempt)
    if (this.#closing) return new Promise((resolve) => void setTimeout(resolve, longestMs))
    return this.#pauses.pause(longestMs * (0.5 + Math.random() / 2))
  }

  async recover(connection: Connection, error: unknown): Promise<void> {
    if (this.#connection === connection) this.#drop(connection)
    const sinceMs = this.monotonicMs()
    for (let attempt = 0; ; attempt++) {
      try {
        replaceFile(this.#options.plan, connection.fileId, error)
        return
      } catch (failure) {
        if (failureKind(failure) !== 'busy') throw asCacheError(failure, this.path)
        await this.#waitForLock(sinceMs, attempt)
      }
    }
  }

  doubt(connection: Connection): void {
    if (this.#connection === connection) this.#checkIdentity(connection)
  }

  asCacheError(error: unknown): CacheError {
    return asCacheError(error, this.path)
  }

  overdue(sinceMs: number, attempt: number): CacheError | undefined {
    const { lockTimeoutMs } = this.#options
    const late = this.monotonicMs() - sinceMs >= lockTimeoutMs
    return late || (this.#closing && attempt >= attemptsWhileClosing)
      ? lockedError(this.path, lockTimeoutMs)
      : undefined
  }

  monotonicMs(): number {
    return this.#context.clock.monotonicMs()
  }

  /** Settles what is pending, writes what was noted, and closes. Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#accessWrites.stop()
    this.#pauses.endAll()
    this.#commits.wake()
    if (!this.#queue.idle || this.#opening || this.#connection?.wrote || this.accesses.size > 0)
      await this.#queue.run((tx) => this.#finish(tx)).catch(() => undefined)
    this.#closed = true
    this.#pauses.endAll()
    if (this.#connection) this.#checkpointAndDrop(this.#connection)
  }

  /** The last transaction of this process: where it is found after a crash, so is everything before it. */
  #finish(tx: Transaction): void {
    this.accesses.write(tx, Number.POSITIVE_INFINITY)
    if (tx.state.unsynced === 0) return
    tx.state.unsynced = 0
    tx.saveIdentity()
  }

  #checkpointAndDrop(connection: Connection): void {
    try {
      connection.database.pragma('wal_checkpoint(PASSIVE)')
    } catch {
      // What is not checkpointed stays in the write-ahead log, where the next process finds it.
    }
    this.#drop(connection)
  }

  #commitCount(): number | undefined {
    try {
      return this.#closing
        ? undefined
        : (this.#connection?.statements.dataVersion.get() as number | undefined)
    } catch {
      return undefined
    }
  }

  async #open(): Promise<Connection> {
    const sinceMs = this.monotonicMs()
    for (let attempt = 0; ; attempt++) {
      if (this.#closed) throw closedError()
      try {
        this.#connection = openFile(this.#options.plan)
        this.#nextIdentityCheckMs = this.monotonicMs() + identityIntervalMs
        return this.#connection
      } catch (error) {
        if (failureKind(error) !== 'busy') throw asCacheError(error, this.path)
        await this.#waitForLock(sinceMs, attempt)
      }
    }
  }

  async #waitForLock(sinceMs: number, attempt: number): Promise<void> {
    const error = this.overdue(sinceMs, attempt)
    if (error) throw error
    await this.pause(attempt)
  }

  #failed(connection: Connection, error: unknown): CacheError {
    this.doubt(connection)
    return asCacheError(error, this.path)
  }

  /** Lets go of a file that no longer has its name: what is there now, if anything, is another cache. */
  #checkIdentity(connection: Connection): void {
    this.#nextIdentityCheckMs = this.monotonicMs() + identityIntervalMs
    if (fileIdOf(this.path) === connection.fileId) return
    this.#drop(connection)
    this.#context.report(
      `The cache file ${this.path} was removed or replaced while it was open; it is opened anew`,
    )
  }

  #drop(connection: Connection): void {
    this.#connection = undefined
    connection.close()
  }

  /** What is committed stays so, whatever the listener does. */
  #reportEvictions({ evicted }: Transaction): void {
    for (const reason of ['entries', 'bytes', 'expired'] as const) {
      const count = evicted[reason]
      if (count === 0) continue
      try {
        this.#options.onEvict({ count, reason })
      } catch (error) {
        this.#context.report(`The listener of evictions from ${this.path} failed`, error)
      }
    }
  }

  #refuseClosed(): void {
    if (this.#closing) throw closedError()
  }
}
