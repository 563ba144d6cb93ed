import type { EntryStore, ErrorCode } from '@cache/core'
import type { Random } from '../seeded-random.ts'

/** What goes wrong with one call. */
export type Fault =
  /** Rejects; nothing was done. */
  | { readonly kind: 'fail'; readonly code: ErrorCode }
  /** Is done, and then rejects: the reply was lost. */
  | { readonly kind: 'lose-reply'; readonly code: ErrorCode }
  /** Is done late, by the clock that the backend was started with. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Never settles; nothing is done. */
  | { readonly kind: 'hang' }

/** The methods of a store that a plan can spoil. */
export type StoreOperation = Exclude<keyof EntryStore, 'payloads' | 'local'>

/** A call about to be made. */
export interface PlannedCall {
  readonly operation: StoreOperation
  readonly cache: string
  /** Its number among all calls of the backend, from 1. */
  readonly index: number
}

/** Decides for each call what goes wrong with it; `undefined` for nothing. */
export type FaultPlan = (call: PlannedCall) => Fault | undefined

/** Spoils each `nth` call that it is asked about. */
export function everyNth(nth: number, fault: Fault): FaultPlan {
  let asked = 0
  return () => (++asked % nth === 0 ? fault : undefined)
}

/** Spoils calls while `isOn` says so: an outage with a beginning and an end. */
export function during(isOn: () => boolean, fault: Fault): FaultPlan {
  return () => (isOn() ? fault : undefined)
}

/** Spoils a share of the calls, 0–1, as the seed decides. */
export function sometimes(share: number, random: Random, fault: Fault): FaultPlan {
  return () => (random.below(1_000_000) < share * 1_000_000 ? fault : undefined)
}

/** Asks `plan` about these operations only. */
export function onlyFor(operations: readonly StoreOperation[], plan: FaultPlan): FaultPlan {
  return (call) => (operations.includes(call.operation) ? plan(call) : undefined)
}

/** Asks several plans in turn and takes the first fault. */
export function anyOf(...plans: readonly FaultPlan[]): FaultPlan {
  return (call) => {
    for (const plan of plans) {
      const fault = plan(call)
      if (fault) return fault
    }
    return undefined
  }
}
