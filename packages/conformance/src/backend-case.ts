import type { CaseContext } from './case-context.ts'
import type { BackendHarness } from './backend-harness.ts'

/** What a case asks of a backend beyond the contract's core. */
export type Need =
  /** Time can be moved. */
  | 'injected-time'
  /** Several processes use the same storage. */
  | 'shared'
  | 'persistent'
  /** Stores run steps. */
  | 'steps'
  /** Storage can be lost. */
  | 'loses'
  /** Entries end with the process, so that their times need no wall clock. */
  | 'volatile'
  /** Stores keep payloads, not values. */
  | 'encoded'
  /** Stores live in this process and show their local tier. */
  | 'live'

/** One behaviour of the contract, as plain data: any runner can run it. */
export interface BackendCase {
  /** In the present tense; unique within its concern. */
  readonly name: string
  readonly needs?: readonly Need[] | undefined
  run(context: CaseContext): Promise<void>
}

/** The cases of one concern. */
export interface BackendConcern {
  readonly concern: string
  readonly cases: readonly BackendCase[]
}

/** Whether the backend declares all that the case needs. */
export function applies(item: BackendCase, harness: BackendHarness): boolean {
  return (item.needs ?? []).every((need) => offers(harness, need))
}

function offers(harness: BackendHarness, need: Need): boolean {
  switch (need) {
    case 'injected-time':
      return harness.time === 'injected'
    case 'shared':
      return harness.capabilities.shared !== 'process'
    case 'persistent':
      return harness.capabilities.persistent
    case 'steps':
      return harness.steps ?? false
    case 'loses':
      return harness.loses ?? false
    case 'volatile':
      return !harness.capabilities.persistent
    default:
      return harness.payloads === need
  }
}
