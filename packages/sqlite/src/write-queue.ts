import type { CacheError } from '@cache/ports'
import type { Connection } from './connection.ts'
import { failureKind } from './errors.ts'
import type { Step, Transaction } from './transaction.ts'

/** A transaction takes no further steps after this long, nor does the event loop wait longer for its turn. */
const maxTurnMs = 10

/** What the queue writes to. */
export interface WriteTarget {
  /** The open connection, if there is one. */
  current(): Connection | undefined
  /** Opens one; rejects with a `CacheError` where there can be none. */
  connect(): Promise<Connection>
  begin(connection: Connection): Transaction
  /** Does what goes along with every transaction, and commits. */
  commit(connection: Connection, tx: Transaction): void
  /** Waits before the next attempt while another connection has the lock. */
  pause(attempt: number): Promise<void>
  /** Replaces a damaged file. */
  recover(connection: Connection, error: unknown): Promise<void>
  /** Looks whether the connection is still of use after a failure that is not understood. */
  doubt(connection: Connection): void
  asCacheError(error: unknown): CacheError
  /** The error for a write that waited since then; `undefined` while it may wait on. */
  overdue(sinceMs: number, attempt: number): CacheError | undefined
  monotonicMs(): number
}

interface Pending {
  readonly step: Step<unknown>
  readonly resolve: (outcome: never) => void
  readonly reject: (error: unknown) => void
  readonly sinceMs: number
  recovered: boolean
}

interface Failure {
  readonly error: unknown
  readonly group: Pending[]
  /** The step that threw; absent where the transaction as a whole failed. */
  readonly culprit: Pending | undefined
  readonly connection: Connection
}

/**
 * Group commit: every step queued in one tick runs in one transaction, each with an outcome of its own. A step
 * that fails takes no other with it: the rest runs again without it.
 */
export class WriteQueue {
  readonly #target: WriteTarget
  #pending: Pending[] = []
  /** What the pending steps concern: as they came, until a read asks. */
  #unsorted: (readonly string[])[] = []
  readonly #keys = new Set<string>()
  #concernsAll = false
  #scheduled = false
  #mending = false
  /** Nothing is tried while a lock is waited for or a file replaced. */
  #pausing = false
  /** Of the latest attempt, until it is settled. */
  #failure: Failure | undefined
  /** How many of the next steps get a transaction of their own, after one of them spoilt a common one. */
  #apart = 0
  #turnBeganMs: number | undefined

  constructor(target: WriteTarget) {
    this.#target = target
  }

  /** `keys` where the step concerns no others: reads of other keys then need not wait for it. */
  run<T>(step: Step<T>, keys?: readonly string[]): Promise<T> {
    if (keys === undefined) this.#concernsAll = true
    else this.#unsorted.push(keys)
    return new Promise<T>((resolve, reject) => {
      const sinceMs = this.#target.monotonicMs()
      this.#pending.push({ step, resolve, reject, sinceMs, recovered: false })
      if (this.#scheduled) return
      this.#scheduled = true
      queueMicrotask(this.#schedule)
    })
  }

  /** Whether something is queued that a read of these keys, or of anything, has to see. */
  concerns(keys: readonly string[] | undefined): boolean {
    if (this.idle) return false
    if (this.#concernsAll || keys === undefined) return true
    for (const list of this.#unsorted) for (const key of list) this.#keys.add(key)
    this.#unsorted = []
    return keys.some((key) => this.#keys.has(key))
  }

  /** Whether nothing is queued. */
  get idle(): boolean {
    return this.#pending.length === 0 && !this.#mending && !this.#failure
  }

  /**
   * `nextTick` runs when no promise reaction is left, so that whatever the same tick still queues comes along, and
   * costs no turn of the event loop. A long sequence of writes gives it a turn now and then all the same.
   */
  readonly #schedule = (): void => {
    const nowMs = this.#target.monotonicMs()
    if (this.#turnBeganMs === undefined) {
      this.#turnBeganMs = nowMs
      setImmediate(this.#noteTurn)
    }
    if (nowMs - this.#turnBeganMs > maxTurnMs) setImmediate(this.#flush)
    else process.nextTick(this.#flush)
  }

  readonly #noteTurn = (): void => {
    this.#turnBeganMs = undefined
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    this.flush(this.#target.current())
    const unsettled = this.#pending.length > 0 || this.#failure !== undefined
    if (unsettled && !this.#mending) void this.#mend()
  }

  /** Commits at once what is queued, so that a read that comes after it sees it. */
  flush(connection: Connection | undefined): void {
    if (connection === undefined || this.#pausing || this.#failure || this.#pending.length === 0) return
    this.#attempt(connection)
  }

  /** Runs a group in one transaction. What does not fit is left pending. */
  #attempt(connection: Connection): void {
    const group = this.#takeGroup()
    const outcomes: unknown[] = []
    let stepping: Transaction | undefined
    try {
      const tx = this.#target.begin(connection)
      stepping = tx
      this.#runSteps(group, tx, outcomes)
      stepping = undefined
      this.#target.commit(connection, tx)
    } catch (error) {
      connection.rollback()
      const known = stepping !== undefined && !stepping.settling
      this.#failure = { error, group, culprit: known ? group[outcomes.length] : undefined, connection }
      return
    }
    if (outcomes.length < group.length) this.#putBack(group.slice(outcomes.length))
    else if (this.#pending.length === 0) this.#forgetKeys()
    for (let index = 0; index < outcomes.length; index++) group[index]?.resolve(outcomes[index] as never)
  }

  #takeGroup(): Pending[] {
    if (this.#apart > 0) {
      this.#apart--
      return this.#pending.splice(0, 1)
    }
    const group = this.#pending
    this.#pending = []
    return group
  }

  #runSteps(group: readonly Pending[], tx: Transaction, outcomes: unknown[]): void {
    const untilMs = this.#target.monotonicMs() + maxTurnMs
    for (const { step } of group) {
      outcomes.push(step(tx))
      if (this.#target.monotonicMs() > untilMs) return
    }
  }

  /** The way for everything out of the ordinary: no connection yet, a lock, a failure, more than fits a turn. */
  async #mend(): Promise<void> {
    this.#mending = true
    for (let attempt = 0; this.#failure || this.#pending.length > 0;) {
      const failure = this.#failure
      this.#failure = undefined
      if (failure) attempt = await this.#settle(failure, attempt)
      else await this.#connectAndAttempt()
    }
    this.#mending = false
  }

  /** Other work gets its turn first: this is no longer the tick in which the steps were queued. */
  async #connectAndAttempt(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    try {
      this.flush(this.#target.current() ?? (await this.#target.connect()))
    } catch (error) {
      for (const { reject } of this.#pending.splice(0)) reject(error)
    }
  }

  /** Decides what becomes of a group that failed. Resolves to the number of the next attempt. */
  async #settle(failure: Failure, attempt: number): Promise<number> {
    const kind = failureKind(failure.error)
    if (kind === 'busy') {
      this.#putBack(this.#withoutOverdue(failure.group, attempt))
      this.#pausing = true
      await this.#target.pause(attempt)
      this.#pausing = false
      return attempt + 1
    }
    if (kind === 'corrupt') await this.#recover(failure)
    else this.#separate(failure)
    return 0
  }

  #withoutOverdue(group: readonly Pending[], attempt: number): Pending[] {
    return group.filter(({ reject, sinceMs }) => {
      const error = this.#target.overdue(sinceMs, attempt)
      if (error) reject(error)
      return error === undefined
    })
  }

  async #recover({ connection, group, error }: Failure): Promise<void> {
    const again = group.filter((pending) => !pending.recovered)
    for (const pending of group) if (pending.recovered) pending.reject(this.#target.asCacheError(error))
    for (const pending of again) pending.recovered = true
    this.#pausing = true
    try {
      await this.#target.recover(connection, error)
      this.#putBack(again)
    } catch (reason) {
      for (const pending of again) pending.reject(this.#target.asCacheError(reason))
    } finally {
      this.#pausing = false
    }
  }

  /** Rejects the step at fault; where that is not known, each is tried by itself. */
  #separate({ connection, group, culprit, error }: Failure): void {
    const guilty = group.length === 1 ? group[0] : culprit
    guilty?.reject(this.#target.asCacheError(error))
    if (guilty === undefined) this.#apart = group.length
    this.#putBack(group.filter((pending) => pending !== guilty))
    this.#target.doubt(connection)
  }

  #forgetKeys(): void {
    this.#concernsAll = false
    this.#unsorted = []
    this.#keys.clear()
  }

  #putBack(group: Pending[]): void {
    this.#pending = group.concat(this.#pending)
  }
}
