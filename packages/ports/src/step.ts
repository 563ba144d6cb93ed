/**
 * One atomic read-modify-write of a small state under a key: what counters, limits and the like are made of. A store
 * that can run it where the state lies declares {@link EntryStore.step}; over any other store the engine does the same
 * with compare-and-set.
 */
export interface Step<S, I, O> {
  /** Tells it from the other steps of its store. */
  readonly name: string
  /** The most that a state takes in memory; it counts for that much in limits. */
  readonly maxBytes: number
  /**
   * Works out what becomes of the state. Synchronous and free of effects but on `state`, which is its own to change;
   * may run several times, each time on what is stored then. `nowMs` is the store's time since a moment of its own:
   * only differences mean something, and for one key it never goes back.
   */
  run(state: S | undefined, input: I, nowMs: number): StepResult<S, O>
  /** The state as text, where it leaves the process. */
  encode(state: S): string
  /** A state of the caller's own to change. */
  decode(text: string): S
  /** The same step for servers that run scripts. */
  readonly script?: StepScript<I, O> | undefined
}

export interface StepResult<S, O> {
  readonly output: O
  /** What to store; absent to leave everything as it is. */
  readonly state?: S | undefined
  /** How long `state` is kept from now on; 0 removes it. */
  readonly keptForMs: number
}

/**
 * A step in the language of a server's scripts. It reads and writes one key, `KEYS[1]`, in a form of its own, takes
 * the time from the server, and lets the key end by itself.
 */
export interface StepScript<I, O> {
  readonly lua: string
  /** What the script gets as `ARGV`. */
  args(input: I): readonly (string | number)[]
  /** What the script's reply says. */
  output(reply: unknown, input: I): O
}

/** Runs a step on the state under a key. */
export type RunStep = <S, I, O>(key: string, step: Step<S, I, O>, input: I) => O | Promise<O>
