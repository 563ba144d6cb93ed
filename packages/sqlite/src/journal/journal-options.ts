import { CacheError, refuseUnknown } from '@cache/ports'
import type { SqliteDatabase, SqliteDriver } from '../driver.ts'
import type { Durability } from '../sqlite-options.ts'

export interface SqliteJournalOptions {
  /** The path of its file; made with mode 600, and its directory with mode 700, if there is none. */
  readonly file: string
  /** `'normal'`: what is kept survives a crash of the process. `'full'`, the default: it survives a power loss. */
  readonly durability?: Durability | undefined
  /** A constructor with better-sqlite3's interface, such as that of better-sqlite3-multiple-ciphers. */
  readonly driver?: SqliteDriver | undefined
  /** Called with the connection before anything is read: to give it its key, for one. */
  readonly onOpen?: ((database: SqliteDatabase) => void) | undefined
}

/** @throws CacheError `INVALID_OPTION`; the message names the option. */
export function checkJournalOptions(options: SqliteJournalOptions): void {
  if (typeof options !== 'object' || options === null) throw invalid('The argument', 'an object of options')
  refuseUnknown(options, ['file', 'durability', 'driver', 'onOpen'], 'sqliteJournal')
  const { file, durability = 'full', driver, onOpen } = options
  if (typeof file !== 'string' || file.trim() === '' || file.includes('\0'))
    throw invalid('file', "the path of a file, such as 'db/positions.journal'")
  if (durability !== 'normal' && durability !== 'full') throw invalid('durability', "'normal' or 'full'")
  if (driver !== undefined && typeof driver !== 'function')
    throw invalid('driver', 'a constructor with the interface of better-sqlite3')
  if (onOpen !== undefined && typeof onOpen !== 'function')
    throw invalid('onOpen', 'a function of the opened database')
}

function invalid(option: string, expected: string): CacheError {
  return new CacheError('INVALID_OPTION', `sqliteJournal: ${option} must be ${expected}`)
}
