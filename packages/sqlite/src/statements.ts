import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { entryColumns, factColumns } from './entry-row.ts'
import { loadStateSql, saveCountersSql, saveIdentitySql } from './file-state.ts'
import { evictionIndex } from './schema.ts'

/** How many rows one statement of a batch writes. */
export const rowsPerStatement = 16

/** Pages given back to the file system in one transaction: a millisecond or so of work. */
const pagesPerVacuumStep = 128

const plainColumns = [
  'format',
  'fresh_until',
  'gone_at',
  'born_at',
  'load_ms',
  'sequence',
  'size_bytes',
  'created_at',
  'revision',
  'payload',
] as const

/** An upsert that returns, for each row, the bytes of what it replaced, or NULL where there was nothing. */
function upsertSql(rows: number, more: readonly string[]): string {
  const columns = ['key', 'version', ...plainColumns, ...more]
  const row = `(${columns.map(() => '?').join(', ')})`
  const taken = [...plainColumns, ...more].map((column) => `${column} = excluded.${column}`)
  const reset = ['caller_version', 'tags', 'accessed_at'].filter((column) => !more.includes(column))
  return `
    INSERT INTO entries (${columns.join(', ')}) VALUES ${Array<string>(rows).fill(row).join(', ')}
    ON CONFLICT (key, version) DO UPDATE SET ${taken.join(', ')}, ${reset.map((column) => `${column} = NULL`).join(', ')},
      access_count = 0, replaced_bytes = entries.size_bytes
    RETURNING replaced_bytes`
}

const deleteReturning = `RETURNING size_bytes`

type RowName =
  | 'begin'
  | 'beginRead'
  | 'commit'
  | 'rollback'
  | 'loadState'
  | 'saveCounters'
  | 'saveIdentity'
  | 'entry'
  | 'facts'
  | 'factsById'
  | 'retime'
  | 'deleteById'
  | 'clearEntries'
  | 'noteAccess'
  | 'leastUsed'
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
  | 'keysFrom'
  | 'sweepable'
  | 'indexByUse'
  | 'vacuumStep'

type ValueName =
  | 'dataVersion'
  | 'upsert'
  | 'upsertTagged'
  | 'upsertMany'
  | 'deleteEntry'
  | 'deleteKey'
  | 'deleteOtherVersions'
  | 'generation'
  | 'tagRecord'
  | 'countTags'
  | 'middleGeneration'
  | 'logChars'
  | 'countVersion'
  | 'versions'
  | 'windowEnd'

/** Statements that give rows, or nothing. */
const rowSql: Readonly<Record<RowName, string>> = {
  begin: 'BEGIN IMMEDIATE',
  beginRead: 'BEGIN',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  loadState: loadStateSql,
  saveCounters: saveCountersSql,
  saveIdentity: saveIdentitySql,
  entry: `SELECT ${entryColumns} FROM entries WHERE key = ? AND version = ?`,
  facts: `SELECT ${factColumns} FROM entries WHERE key = ? AND version = ?`,
  factsById: `SELECT ${factColumns} FROM entries WHERE id = ?`,
  retime: 'UPDATE entries SET fresh_until = ?, gone_at = ?, sequence = ? WHERE key = ? AND gone_at > ?',
  deleteById: 'DELETE FROM entries WHERE id = ?',
  clearEntries: 'DELETE FROM entries',
  noteAccess:
    'UPDATE entries SET accessed_at = ?, access_count = access_count + ? WHERE key = ? AND version = ?',
  leastUsed: `SELECT id, size_bytes AS sizeBytes, gone_at AS goneAt FROM entries
       ORDER BY coalesce(accessed_at, created_at), id LIMIT ?`,
  lease: 'SELECT kind, token, sequence, until FROM leases WHERE key = ? AND version = ?',
  putLease:
    'INSERT OR REPLACE INTO leases (key, version, kind, token, sequence, until) VALUES (?, ?, ?, ?, ?, ?)',
  renewLease: 'UPDATE leases SET until = ? WHERE key = ? AND version = ?',
  endLease: 'DELETE FROM leases WHERE key = ? AND version = ?',
  deleteLeases: 'DELETE FROM leases WHERE key = ?',
  deleteEndedLeases: 'DELETE FROM leases WHERE until <= ?',
  hasEndedLeases: 'SELECT 1 FROM leases WHERE until <= ? LIMIT 1',
  clearLeases: 'DELETE FROM leases',
  putTag: 'INSERT OR REPLACE INTO tags (tag, generation) VALUES (?, ?)',
  trimTags: 'DELETE FROM tags WHERE generation <= ?',
  clearTags: 'DELETE FROM tags',
  appendLog: 'INSERT INTO log (sequence, kind, names) VALUES (?, ?, ?)',
  readLog: 'SELECT sequence, kind, names FROM log WHERE sequence > ? AND sequence <= ? ORDER BY sequence',
  trimLog: 'DELETE FROM log WHERE sequence <= ?',
  keysFrom:
    'SELECT key, gone_at AS goneAt, tags FROM entries WHERE key >= ? AND version = ? ORDER BY key LIMIT ?',
  sweepable: `SELECT ${factColumns} FROM entries WHERE id > ? AND id <= ? AND (gone_at <= ? OR tags IS NOT NULL) ORDER BY id`,
  indexByUse: evictionIndex,
  vacuumStep: `PRAGMA incremental_vacuum(${pagesPerVacuumStep})`,
}

/** Statements that give the first column of each row. */
const valueSql: Readonly<Record<ValueName, string>> = {
  dataVersion: 'PRAGMA data_version',
  upsert: upsertSql(1, []),
  upsertTagged: upsertSql(1, ['caller_version', 'tags']),
  upsertMany: upsertSql(rowsPerStatement, []),
  deleteEntry: `DELETE FROM entries WHERE key = ? AND version = ? ${deleteReturning}`,
  deleteKey: `DELETE FROM entries WHERE key = ? ${deleteReturning}`,
  deleteOtherVersions: `DELETE FROM entries WHERE key = ? AND version <> ? ${deleteReturning}`,
  generation:
    'SELECT coalesce((SELECT generation FROM tags WHERE tag = ?), (SELECT tag_floor FROM meta WHERE id = 1))',
  tagRecord: 'SELECT generation FROM tags WHERE tag = ?',
  countTags: 'SELECT count(*) FROM tags',
  middleGeneration:
    'SELECT generation FROM tags ORDER BY generation LIMIT 1 OFFSET (SELECT count(*) / 2 FROM tags)',
  logChars: 'SELECT coalesce(sum(length(names)), 0) FROM log',
  countVersion: 'SELECT count(*) FROM entries WHERE version = ?',
  versions: 'SELECT DISTINCT version FROM entries',
  windowEnd: 'SELECT max(id) FROM (SELECT id FROM entries WHERE id > ? ORDER BY id LIMIT ?)',
}

/** Every statement of a connection, prepared once. */
export type Statements = Readonly<Record<RowName | ValueName, SqliteStatement>>

export function prepareStatements(database: SqliteDatabase): Statements {
  const rows = Object.entries(rowSql).map(([name, sql]) => [name, database.prepare(sql)] as const)
  const values = Object.entries(valueSql).map(([name, sql]) => [name, database.prepare(sql).pluck()] as const)
  return Object.fromEntries([...rows, ...values]) as Statements
}
