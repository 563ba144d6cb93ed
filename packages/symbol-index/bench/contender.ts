/** What a contender is told, in a process of its own. */
export interface Task {
  /** A snapshot of the master, written once before all contenders run. */
  readonly snapshot: string
  /** The master itself; empty for the invented one. */
  readonly data: string
  readonly quick: boolean
}

/** What it measured, by name of figure. */
export type Measured = Readonly<Record<string, number>>

/** One thing measured in a fresh process. */
export type Contender = (task: Task) => Promise<Measured>
