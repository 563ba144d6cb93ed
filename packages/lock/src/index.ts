export { createLocks, type Locks } from './locks.ts'
export type { AcquireOptions, LocksOptions } from './lock-options.ts'
export type { Lock } from './lock.ts'
export { parseToken, tokenGate, type TokenGate } from './token-gate.ts'
