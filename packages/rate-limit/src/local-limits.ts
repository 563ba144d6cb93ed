import type { Clock } from '@cache/core'
import type { LimitInput, LimitResult } from './limit-input.ts'
import { runLimit, type LimitState } from './limit-state.ts'
import { withShare, type Rule } from './rule.ts'

/** Keys remembered for the time that the backend is away; those not used for longest go first. */
const maxKeys = 10_000

interface LocalKey {
  state: LimitState | undefined
  /** Admitted while the backend was away, and not told to it. */
  debt: number
  /** What the backend said last of a single rule, not worked out yet: it is needed only when the backend is away. */
  seen: Seen | undefined
}

interface Seen {
  readonly input: LimitInput
  readonly used: number
  readonly atMs: number
}

/**
 * What holds while the backend is away: a share of each limit, for this process alone. It knows what the backend
 * admitted to this process before, and tells it afterwards what it admitted meanwhile, so that the two together do not
 * exceed the limit.
 */
export class LocalLimits {
  readonly #clock: Clock
  readonly #share: number
  readonly #keys = new Map<string, LocalKey>()
  readonly #rules = new WeakMap<readonly Rule[], readonly Rule[]>()

  constructor(clock: Clock, share: number) {
    this.#clock = clock
    this.#share = share
  }

  /** Decides without the backend. */
  run(key: string, input: LimitInput): LimitResult {
    const local = this.#use(key)
    const output = { ...this.#step(local, input), local: true }
    if (this.#share === 0 && input.operation !== 'back') return { ...output, allowed: false, remaining: 0 }
    if (input.operation === 'take' && output.allowed) local.debt += input.cost
    if (input.operation === 'back') local.debt = Math.max(0, local.debt - input.cost)
    return output
  }

  /** Takes over what the backend decided. */
  note(key: string, input: LimitInput, { allowed, banned, remaining, retryAfterMs }: LimitResult): void {
    const [rule, ...others] = input.rules
    if (input.operation === 'take' && allowed) {
      const local = this.#use(key)
      if (!rule || others.length > 0) this.#step(local, { ...input, operation: 'note' })
      else
        local.seen = {
          input,
          used: Math.min(rule.limit, rule.burst) - remaining,
          atMs: this.#clock.monotonicMs(),
        }
    }
    if (banned)
      this.#step(this.#use(key), { ...input, operation: 'ban', banUs: Math.ceil(retryAfterMs * 1000) })
    else if (input.operation !== 'take' && input.operation !== 'look') this.#step(this.#use(key), input)
  }

  /** What was admitted while the backend was away, for it to count: handed out once. */
  takeDebt(key: string): number {
    const local = this.#keys.get(key)
    const debt = local?.debt ?? 0
    if (local) local.debt = 0
    return debt
  }

  /** The backend has not counted it after all. */
  returnDebt(key: string, debt: number): void {
    if (debt > 0) this.#use(key).debt += debt
  }

  #use(key: string): LocalKey {
    const local = this.#keys.get(key) ?? { state: undefined, debt: 0, seen: undefined }
    this.#keys.delete(key)
    this.#keys.set(key, local)
    const oldest = this.#keys.size > maxKeys ? this.#keys.keys().next() : undefined
    if (oldest?.done === false) this.#keys.delete(oldest.value)
    return local
  }

  #step(local: LocalKey, input: LimitInput): LimitResult {
    const { seen } = local
    if (seen) {
      local.seen = undefined
      const noted = { ...seen.input, operation: 'note', cost: seen.used } as const
      local.state = undefined
      this.#stepAt(local, noted, seen.atMs)
    }
    return this.#stepAt(local, input, this.#clock.monotonicMs())
  }

  #stepAt(local: LocalKey, input: LimitInput, nowMs: number): LimitResult {
    const own = { ...input, rules: this.#sharesOf(input.rules), debt: 0 }
    const cost = Math.min(input.cost, ...own.rules.map(({ burst, limit }) => Math.min(burst, limit)))
    const { output, state } = runLimit(local.state, { ...own, cost }, nowMs)
    if (state) local.state = state
    return output
  }

  #sharesOf(rules: readonly Rule[]): readonly Rule[] {
    const known = this.#rules.get(rules) ?? rules.map((rule) => withShare(rule, this.#share))
    this.#rules.set(rules, known)
    return known
  }
}
