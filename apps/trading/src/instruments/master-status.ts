/**
 * What the catalog is doing.
 *
 * - `empty`: no master was ever imported
 * - `restoring`: the master kept from an earlier run is being read
 * - `importing`: a new master is being read; the one before, if any, is still in use
 * - `ready`: a master is in use
 */
export type MasterPhase = 'empty' | 'restoring' | 'importing' | 'ready'

/** What a person is told of the master. */
export interface MasterStatus {
  readonly phase: MasterPhase
  /** Instruments in use now. */
  readonly instruments: number
  readonly countByExchange: Readonly<Record<string, number>>
  readonly source: string
  readonly importedAtMs: number | undefined
  /** While importing. */
  readonly progress: MasterProgress | undefined
  /** Why the last import was refused. */
  readonly fault: MasterFault | undefined
  /** What the last import of this run did. */
  readonly lastImport: ImportSummary | undefined
}

export interface MasterProgress {
  readonly label: string
  readonly rowsRead: number
  readonly expectedRows: number | undefined
}

export interface MasterFault {
  readonly message: string
  /** The import can be repeated with `force`. */
  readonly canForce: boolean
}

export interface ImportSummary {
  readonly label: string
  readonly rowsKept: number
  readonly rowsRejected: number
  /** The first broken rows, for people. */
  readonly rejected: readonly string[]
  readonly added: number | undefined
  readonly removed: number | undefined
  readonly elapsedMs: number
}
