/** What a workload is told beside its contender: numbers and words, because it goes to another process. */
export type Parameters = Readonly<Record<string, number | string>>

/** What a workload measured, by name. */
export type Metrics = Readonly<Record<string, number>>

/** One contender at one workload, measured in a process of its own. */
export interface Row {
  /** Unique in its suite. */
  readonly id: string
  /** A file in `workloads`. */
  readonly workload: string
  /** A file in `contenders/WORKLOAD`. */
  readonly contender: string
  readonly parameters: Parameters
  /** A floor or ours: it runs in more rounds than the peers. */
  readonly headline: boolean
}
