export { sqlite } from './sqlite.ts'
export type { Durability, SqliteOptions } from './sqlite-options.ts'
export type { SqliteDatabase, SqliteDriver, SqliteDriverOptions, SqliteStatement } from './driver.ts'
