/** What a suite is run with. */
export interface SuiteOptions {
  /** One round of short samples: shows that everything runs, measures nothing. */
  readonly quick: boolean
  /** A file for the suites that work on one. */
  readonly data: string | undefined
}

/** `null` where a contender that the figure needs has failed. */
export type Figures = Readonly<Record<string, number | null>>

/** A row that did not run, and why. */
export interface Failure {
  readonly row: string
  readonly error: string
}

export interface SuiteReport {
  /** Text for people, one block after another. */
  readonly blocks: readonly string[]
  readonly figures: Figures
  readonly failures: readonly Failure[]
}

/** A comparison of contenders at one kind of work. */
export interface Suite {
  readonly name: string
  /** One line for the list of suites. */
  readonly summary: string
  run(options: SuiteOptions): Promise<SuiteReport>
}
