import type { BackendCapabilities, Clock, EntryStore, Step } from '@cache/ports'

/**
 * A place for state that is no cache: locks, counters. Its name stands apart from those of caches, and clearing the
 * caches leaves it alone. What packages such as `@cache/lock` are built on.
 */
export interface StateStore {
  /** With the prefix of state, as the backend knows it. */
  readonly name: string
  readonly capabilities: BackendCapabilities
  /** Of the caches: its timers end with them. */
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** A new identifier: 64 random bits or more, never repeated. */
  readonly newId: () => string
  /** The entries, with timeouts and the circuit breaker of the backend. */
  readonly entries: EntryStore
  /**
   * One atomic step of the state under a key: one round trip where the store has steps, two or more of compare-and-set
   * where it has not. Answers at once, without a promise, where the store is in this process.
   *
   * @throws CacheError what the backend says; `CONFLICT` after 64 attempts lost against other processes
   */
  step<S, I, O>(key: string, step: Step<S, I, O>, input: I): O | Promise<O>
}

/** Bounds of a state store. */
export interface StateOptions {
  /** Keys kept; the least recently used go first. Default 1,000,000. */
  readonly maxEntries?: number | undefined
}
