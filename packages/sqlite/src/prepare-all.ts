import type { SqliteDatabase, SqliteStatement } from './driver.ts'

/** Prepares statements that give rows and statements that give the first column of each row, under their names. */
export function prepareAll<R extends string, V extends string>(
  database: SqliteDatabase,
  rowSql: Readonly<Record<R, string>>,
  valueSql: Readonly<Record<V, string>>,
): Readonly<Record<R | V, SqliteStatement>> {
  const prepared: Record<string, SqliteStatement> = {}
  for (const [name, sql] of Object.entries<string>(rowSql)) prepared[name] = database.prepare(sql)
  for (const [name, sql] of Object.entries<string>(valueSql)) prepared[name] = database.prepare(sql).pluck()
  return prepared as Record<R | V, SqliteStatement>
}
