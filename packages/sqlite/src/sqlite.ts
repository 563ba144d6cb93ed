import type { CacheBackend } from '@cache/ports'
import { SqliteBackend } from './sqlite-backend.ts'
import { settingsOf, type SqliteOptions } from './sqlite-options.ts'

/**
 * Keeps each cache in a SQLite file of its own, shared by all processes of this host.
 *
 * @throws CacheError `INVALID_OPTION` or `INVALID_TTL`; the message names the option.
 */
export function sqlite(options: SqliteOptions): CacheBackend {
  return new SqliteBackend(settingsOf(options))
}
