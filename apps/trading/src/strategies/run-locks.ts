/** The right to run something, for as long as its signal is not aborted. */
export interface RunLock {
  /** Higher than that of everybody who had the lock before. */
  readonly token: number
  readonly signal: AbortSignal
  release(): Promise<unknown>
}

/** Locks over all instances. */
export interface RunLocks {
  /** `undefined` while another has it. */
  tryAcquire(name: string): Promise<RunLock | undefined>
}
