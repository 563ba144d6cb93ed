/** The row of `journal` that holds this; below minus any sequence. As text, because it is no safe integer. */
export const metaId = '-9223372036854775807'

/** The state of the file: what a write transaction reads first and, if it changed something, writes last. */
export interface FileState {
  epoch: string
  /** The boot of the machine in which `unsynced` was last set. */
  bootId: string
  /** Identity of the file these rows were written to; a copy has another. */
  fileId: string
  /** 1 while acknowledged commits may not have reached the disk. */
  unsynced: number
  /** Schema versions that have rows, as `,1,2,`. */
  versions: string
  /** The latest database time at which something was written. */
  highWater: number
  sequence: number
  /** Changes up to this sequence are no longer in the log. */
  logFloor: number
  logChars: number
  /** The generation of every tag without a record. */
  tagFloor: number
  /** An upper bound for the number of tag records. */
  tagCount: number
  entryCount: number
  /** Below 0 where nobody counts them, because the cache has no limit on bytes. */
  entryBytes: number
  leaseCount: number
}

export const loadStateSql: string = `
  SELECT epoch, boot_id AS bootId, file_id AS fileId, unsynced, versions, high_water AS highWater, sequence,
    log_floor AS logFloor, log_chars AS logChars, tag_floor AS tagFloor, tag_count AS tagCount,
    entry_count AS entryCount, entry_bytes AS entryBytes, lease_count AS leaseCount
  FROM journal WHERE id = ${metaId}`

/** Whether the bytes of entries are counted: from when a limit on them is first given. */
export function countsBytes(state: FileState): boolean {
  return state.entryBytes >= 0
}

export function addBytes(state: FileState, bytes: number): void {
  if (countsBytes(state)) state.entryBytes += bytes
}

/** Parameters as {@link countersOf} gives them. */
export const saveCountersSql: string = `
  UPDATE journal SET high_water = ?, sequence = ?, log_floor = ?, log_chars = ?, tag_floor = ?, tag_count = ?,
    entry_count = ?, entry_bytes = ?, lease_count = ? WHERE id = ${metaId}`

export function countersOf(state: FileState): readonly number[] {
  return [
    state.highWater,
    state.sequence,
    state.logFloor,
    state.logChars,
    state.tagFloor,
    state.tagCount,
    state.entryCount,
    state.entryBytes,
    state.leaseCount,
  ]
}

/** Parameters as {@link identityOf} gives them. */
export const saveIdentitySql: string = `
  UPDATE journal SET epoch = ?, boot_id = ?, file_id = ?, unsynced = ?, versions = ? WHERE id = ${metaId}`

export function identityOf(state: FileState): readonly unknown[] {
  return [state.epoch, state.bootId, state.fileId, state.unsynced, state.versions]
}

export const createStateSql: string = `
  INSERT INTO journal (id, epoch, boot_id, file_id, unsynced, versions, high_water, sequence, log_floor, tag_floor,
    log_chars, tag_count, entry_count, entry_bytes, lease_count)
  VALUES (${metaId}, ?, ?, ?, 0, ',', 0, ?, ?, ?, 0, 0, 0, -1, 0)`
