import { isCacheError, type CacheError, type StateStore } from '@cache/core'
import type { LimitInput, LimitResult } from './limit-input.ts'
import { limitStep } from './limit-step.ts'
import { LocalLimits } from './local-limits.ts'

/** Runs limits on a state store, and without it while the backend is away. */
export class LimitEngine {
  readonly state: StateStore
  /** Absent where the store is this process: it cannot be away. */
  readonly #local: LocalLimits | undefined

  constructor(state: StateStore, awayShare: number) {
    this.state = state
    this.#local = state.entries.local ? undefined : new LocalLimits(state.clock, awayShare)
  }

  run(key: string, input: LimitInput): Promise<LimitResult> {
    if (this.#local) return this.#runAway(key, input, this.#local)
    try {
      return Promise.resolve(this.state.step(key, limitStep, input))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #runAway(key: string, input: LimitInput, local: LocalLimits): Promise<LimitResult> {
    const debt = input.operation === 'take' ? local.takeDebt(key) : 0
    try {
      const result = await this.state.step(key, limitStep, debt > 0 ? { ...input, debt } : input)
      local.note(key, input, result)
      return result
    } catch (error) {
      local.returnDebt(key, debt)
      if (!isAway(error)) throw error
      if (isLastingOnly(input)) throw error
      return local.run(key, input)
    }
  }
}

/** A ban or a reset that nobody else hears of would only seem to be one. */
function isLastingOnly({ operation }: LimitInput): boolean {
  return operation === 'ban' || operation === 'reset'
}

function isAway(error: unknown): error is CacheError {
  return isCacheError(error) && (error.code.startsWith('BACKEND_') || error.code === 'CONFLICT')
}
