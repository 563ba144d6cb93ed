import {
  CacheError,
  stepEntry,
  type BackendCapabilities,
  type Change,
  type Clock,
  type Condition,
  type EntryStore,
  type Step,
} from '@cache/ports'
import { KeyedQueue } from '../engine/keyed-queue.ts'
import type { StateStore } from './state-store.ts'

export interface StateParts {
  readonly name: string
  readonly capabilities: BackendCapabilities
  readonly clock: Clock
  readonly random: () => number
  readonly newId: () => string
  readonly entries: EntryStore
}

/** Attempts against other processes before `CONFLICT`; calls of this process queue and do not conflict. */
const attempts = 64
const longestPauseMs = 20

/** Implements {@link StateStore}: steps of the store's own, or else compare-and-set on the entry's revision. */
export class GuardedState implements StateStore {
  readonly name: string
  readonly capabilities: BackendCapabilities
  readonly clock: Clock
  readonly random: () => number
  readonly newId: () => string
  readonly entries: EntryStore
  readonly #queue = new KeyedQueue()

  constructor(parts: StateParts) {
    this.name = parts.name
    this.capabilities = parts.capabilities
    this.clock = parts.clock
    this.random = parts.random
    this.newId = parts.newId
    this.entries = parts.entries
  }

  step<S, I, O>(key: string, step: Step<S, I, O>, input: I): O | Promise<O> {
    if (this.entries.step) return this.entries.step(key, step, input)
    return this.#queue.run(key, () => this.#compareAndSet(key, step, input))
  }

  async #compareAndSet<S, I, O>(key: string, step: Step<S, I, O>, input: I): Promise<O> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const done = await this.#attempt(key, step, input)
      if (done) return done.output
      await this.#pause(attempt)
    }
    throw new CacheError('CONFLICT', `A step lost ${attempts} times against other writers; try again later`)
  }

  async #attempt<S, I, O>(
    key: string,
    step: Step<S, I, O>,
    input: I,
  ): Promise<{ readonly output: O } | undefined> {
    const [found] = (await this.entries.read([key])).entries
    const readAtMs = this.clock.monotonicMs()
    const { output, write } = stepEntry(step, input, found, { revision: this.newId() })
    if (write === undefined) return { output }
    const when: Condition = found ? { kind: 'revision', revision: found.revision } : { kind: 'absent' }
    const ageMs = this.clock.monotonicMs() - readAtMs
    const change: Change =
      write === 'remove'
        ? { kind: 'delete', key, when }
        : { kind: 'set', key, entry: { ...write, ageMs }, when }
    const { outcomes } = await this.entries.change([change])
    return outcomes[0] === 'applied' ? { output } : undefined
  }

  async #pause(attempt: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.clock.setTimer(this.random() * Math.min(2 ** attempt, longestPauseMs), resolve)
    })
  }
}
