import type { Duration } from '@cache/core'

/** The right to run something, for as long as its signal is not aborted. */
export interface RunLock {
  /** Higher than that of everybody who had the lock before. */
  readonly token: number
  readonly signal: AbortSignal
  /** @throws CacheError `LOCK_LOST` unless it is certain at this moment, also after a pause in which no timer ran */
  assertHeld(): void
  release(): Promise<unknown>
}

/** Locks over all instances. */
export interface RunLocks {
  /** `undefined` while another has it. */
  tryAcquire(name: string): Promise<RunLock | undefined>
  /** @throws CacheError `LOCK_TIMEOUT` when nobody lets go of it in time */
  acquire(name: string, options: { readonly waitFor: Duration }): Promise<RunLock>
}
