import type { SqliteDatabase, SqliteStatement } from './driver.ts'
import { entryColumns, factColumns } from './entry-row.ts'
import { prepareAll } from './prepare-all.ts'
import { evictionIndex } from './schema.ts'

/** How many rows the statements of a batch write. */
export const manyRows = 32
export const fewRows = 4

/** What each row has of its own, in the order of the parameters of an upsert. */
const ownColumns = ['key', 'fresh_until', 'gone_at', 'size_bytes', 'revision', 'payload'] as const

/** Parameters of one row of an upsert, beside `CommonColumns`. */
export const parametersPerRow: number = ownColumns.length

/** What all rows of a statement have in common: each parameter that is bound for a row costs 0.1 µs. */
const sharedColumns = ['version', 'created_at', 'format', 'born_at', 'load_ms', 'sequence'] as const

/**
 * An upsert that notes in each row the bytes of what it replaced, or a negative number where there was nothing.
 * That is as long as a common size, so that a row does not grow when it is first replaced.
 */
function upsertSql(rows: number, more: readonly string[] = []): string {
  const own = [...ownColumns, ...more]
  const row = (index: number): string =>
    `(${own.map(() => '?').join(', ')}, @version, @now, @format, @bornAt, @loadMs, @sequence + ${index}, -32768)`
  const columns = [...own, ...sharedColumns]
  const taken = columns
    .filter((column) => column !== 'key' && column !== 'version')
    .map((column) => `${column} = excluded.${column}`)
  const reset = ['caller_version', 'tags'].filter((column) => !more.includes(column))
  return `
    INSERT INTO entries (${columns.join(', ')}, replaced_bytes)
    VALUES ${Array.from({ length: rows }, (_, index) => row(index)).join(', ')}
    ON CONFLICT (key, version) DO UPDATE SET ${taken.join(', ')},
      ${[...reset, 'accessed_at'].map((column) => `${column} = NULL`).join(', ')},
      access_count = 0, replaced_bytes = entries.size_bytes`
}

type RowName =
  | 'entry'
  | 'facts'
  | 'factsById'
  | 'retime'
  | 'deleteById'
  | 'clear'
  | 'noteAccess'
  | 'leastUsed'
  | 'keysFrom'
  | 'sweepable'
  | 'indexByUse'
  | 'upsertManyUncounted'
  | 'upsertFewUncounted'
  | 'upsertUncounted'

type ValueName =
  | 'upsert'
  | 'upsertTagged'
  | 'upsertMany'
  | 'deleteEntry'
  | 'deleteKey'
  | 'deleteOtherVersions'
  | 'countVersion'
  | 'versions'
  | 'windowEnd'
  | 'lastId'
  | 'totalBytes'

/** Statements that give rows, or nothing. */
const rowSql: Readonly<Record<RowName, string>> = {
  entry: `SELECT ${entryColumns} FROM entries WHERE key = ? AND version = ?`,
  facts: `SELECT ${factColumns} FROM entries WHERE key = ? AND version = ?`,
  factsById: `SELECT ${factColumns} FROM entries WHERE id = ?`,
  retime: 'UPDATE entries SET fresh_until = ?, gone_at = ?, sequence = ? WHERE key = ? AND version = ?',
  deleteById: 'DELETE FROM entries WHERE id = ?',
  clear: 'DELETE FROM entries',
  noteAccess:
    'UPDATE entries SET accessed_at = ?, access_count = access_count + ? WHERE key = ? AND version = ?',
  leastUsed: `
    SELECT id, size_bytes AS sizeBytes, gone_at AS goneAt FROM entries
    ORDER BY coalesce(accessed_at, created_at), id LIMIT ?`,
  keysFrom: `
    SELECT key, gone_at AS goneAt, tags FROM entries WHERE key >= ? AND version = ? ORDER BY key LIMIT ?`,
  sweepable: `
    SELECT ${factColumns} FROM entries
    WHERE id > ? AND id <= ? AND (gone_at <= ? OR tags IS NOT NULL) ORDER BY id`,
  indexByUse: evictionIndex,
  upsertManyUncounted: upsertSql(manyRows),
  upsertFewUncounted: upsertSql(fewRows),
  upsertUncounted: upsertSql(1),
}

/** Statements that give the first column of each row. */
const valueSql: Readonly<Record<ValueName, string>> = {
  upsert: `${upsertSql(1)} RETURNING replaced_bytes`,
  upsertTagged: `${upsertSql(1, ['caller_version', 'tags'])} RETURNING replaced_bytes`,
  upsertMany: `${upsertSql(manyRows)} RETURNING replaced_bytes`,
  deleteEntry: 'DELETE FROM entries WHERE key = ? AND version = ? RETURNING size_bytes',
  deleteKey: 'DELETE FROM entries WHERE key = ? RETURNING size_bytes',
  deleteOtherVersions: 'DELETE FROM entries WHERE key = ? AND version <> ? RETURNING size_bytes',
  countVersion: 'SELECT count(*) FROM entries WHERE version = ?',
  versions: 'SELECT DISTINCT version FROM entries',
  lastId: 'SELECT coalesce(max(id), 0) FROM entries',
  totalBytes: 'SELECT coalesce(sum(size_bytes), 0) FROM entries',
  windowEnd: 'SELECT max(id) FROM (SELECT id FROM entries WHERE id > ? ORDER BY id LIMIT ?)',
}

/** The statements on the table of entries. */
export type EntryStatements = Readonly<Record<RowName | ValueName, SqliteStatement>>

export function prepareEntryStatements(database: SqliteDatabase): EntryStatements {
  return prepareAll(database, rowSql, valueSql)
}
