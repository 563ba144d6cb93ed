import type { Clock } from '@cache/ports'

/** Why an entry past its fresh time has not been replaced. */
export type StaleReason =
  /** Nobody has asked for a load since its fresh time ended, as far as this process was told. */
  | 'expired'
  /** It is being loaded anew, here or in another process. */
  | 'loading'
  /** Its last load failed, and no process tries again before `loading.retryAfter` has passed. */
  | 'throttled'

interface Refusal {
  readonly revision: string
  readonly reason: StaleReason
  readonly untilMs: number
}

/** How many keys are remembered. */
const maxKept = 1024

/** Why stale entries were not loaded anew when this process last asked. Bounded; the oldest are forgotten first. */
export class RefusedRefreshes {
  readonly #clock: Clock
  readonly #byKey = new Map<string, Refusal>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(storedKey: string, revision: string, reason: StaleReason, forMs: number): void {
    this.#byKey.delete(storedKey)
    this.#byKey.set(storedKey, { revision, reason, untilMs: this.#clock.monotonicMs() + forMs })
    if (this.#byKey.size <= maxKept) return
    for (const oldest of this.#byKey.keys()) {
      this.#byKey.delete(oldest)
      return
    }
  }

  /** `undefined` where nothing was noted of this write of the entry, or not lately. */
  reasonOf(storedKey: string, revision: string): StaleReason | undefined {
    const refusal = this.#byKey.get(storedKey)
    const holds = refusal?.revision === revision && this.#clock.monotonicMs() < refusal.untilMs
    return holds ? refusal.reason : undefined
  }
}
