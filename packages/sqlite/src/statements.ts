import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { loadStateSql, metaId, saveCountersSql, saveIdentitySql } from './file-state.ts'
import { prepareAll } from './prepare-all.ts'

type RowName =
  | 'begin'
  | 'beginRead'
  | 'commit'
  | 'rollback'
  | 'loadState'
  | 'saveCounters'
  | 'saveIdentity'
  | 'lease'
  | 'putLease'
  | 'renewLease'
  | 'endLease'
  | 'deleteLeases'
  | 'deleteEndedLeases'
  | 'hasEndedLeases'
  | 'clearLeases'
  | 'putTag'
  | 'trimTags'
  | 'clearTags'
  | 'appendLog'
  | 'readLog'
  | 'trimLog'

type ValueName =
  | 'dataVersion'
  | 'leasedFrom'
  | 'generation'
  | 'tagRecord'
  | 'countTags'
  | 'middleGeneration'
  | 'logChars'

/** Statements that give rows, or nothing. */
const rowSql: Readonly<Record<RowName, string>> = {
  begin: 'BEGIN IMMEDIATE',
  beginRead: 'BEGIN',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  loadState: loadStateSql,
  saveCounters: saveCountersSql,
  saveIdentity: saveIdentitySql,
  lease: 'SELECT kind, token, sequence, until, since FROM leases WHERE key = ? AND version = ?',
  putLease:
    'INSERT OR REPLACE INTO leases (key, version, kind, token, sequence, until, since) VALUES (?, ?, ?, ?, ?, ?, ?)',
  renewLease: 'UPDATE leases SET until = ?, since = ? WHERE key = ? AND version = ?',
  endLease: 'DELETE FROM leases WHERE key = ? AND version = ?',
  deleteLeases: 'DELETE FROM leases WHERE key = ?',
  deleteEndedLeases: 'DELETE FROM leases WHERE until <= ?',
  hasEndedLeases: 'SELECT 1 FROM leases WHERE until <= ? LIMIT 1',
  clearLeases: 'DELETE FROM leases',
  putTag: 'INSERT OR REPLACE INTO tags (tag, generation) VALUES (?, ?)',
  trimTags: 'DELETE FROM tags WHERE generation <= ?',
  clearTags: 'DELETE FROM tags',
  appendLog: 'INSERT INTO journal (id, kind, names) VALUES (-?, ?, ?)',
  readLog: `
    SELECT -id AS sequence, kind, names FROM journal WHERE id < -? AND id >= -? AND kind IS NOT NULL
    ORDER BY id DESC`,
  trimLog: 'DELETE FROM journal WHERE id >= -? AND kind IS NOT NULL',
}

/** Statements that give the first column of each row. */
const valueSql: Readonly<Record<ValueName, string>> = {
  dataVersion: 'PRAGMA data_version',
  leasedFrom:
    'SELECT key FROM leases WHERE key >= ? AND version = ? AND kind = 0 AND until > ? ORDER BY key LIMIT ?',
  generation: `
    SELECT coalesce((SELECT generation FROM tags WHERE tag = ?),
      (SELECT tag_floor FROM journal WHERE id = ${metaId}))`,
  tagRecord: 'SELECT generation FROM tags WHERE tag = ?',
  countTags: 'SELECT count(*) FROM tags',
  middleGeneration: `
    SELECT generation FROM tags ORDER BY generation LIMIT 1 OFFSET (SELECT count(*) / 2 FROM tags)`,
  logChars: 'SELECT coalesce(sum(length(names)), 0) FROM journal WHERE kind IS NOT NULL',
}

/** The statements of a connection on anything but entries. */
export type Statements = Readonly<Record<RowName | ValueName, SqliteStatement>>

export function prepareStatements(database: SqliteDatabase): Statements {
  return prepareAll(database, rowSql, valueSql)
}
