import { CacheError, durationMs, type Duration } from '@cache/ports'
import type { SqliteDatabase, SqliteDriver } from './driver.ts'

/** How far an acknowledged write is safe. */
export type Durability =
  /** It survives a crash of the process; after a power loss the cache starts cold. */
  | 'normal'
  /** It survives a power loss; each transaction waits for the disk. */
  | 'full'

export interface SqliteOptions {
  /** Where the files are kept, one for each cache; made with mode 700 if it does not exist. */
  readonly directory: string
  /** `'normal'` by default. */
  readonly durability?: Durability | undefined
  /** How long a write waits for another process's transaction before `BACKEND_LOCKED`; 5 s by default. */
  readonly lockTimeout?: Duration | undefined
  /** How often freed space is given back to the file system; 1 h by default, `Infinity` for never. */
  readonly vacuumInterval?: Duration | undefined
  /** A constructor with better-sqlite3's interface, such as that of better-sqlite3-multiple-ciphers. */
  readonly driver?: SqliteDriver | undefined
  /** Called with each connection, two for each file, before anything is read: to give it its key, for one. */
  readonly onOpen?: ((database: SqliteDatabase) => void) | undefined
}

/** Options after validation. */
export interface Settings {
  readonly directory: string
  readonly durability: Durability
  readonly lockTimeoutMs: number
  readonly vacuumIntervalMs: number
  readonly driver: SqliteDriver | undefined
  readonly onOpen: (database: SqliteDatabase) => void
}

const known = new Set(['directory', 'durability', 'lockTimeout', 'vacuumInterval', 'driver', 'onOpen'])

const minVacuumIntervalMs = 1000

/** @throws CacheError `INVALID_OPTION` or, for durations, `INVALID_TTL`; the message names the option. */
export function settingsOf(options: SqliteOptions): Settings {
  checkNames(options)
  const { directory, durability = 'normal', driver, onOpen = () => undefined } = options
  if (typeof directory !== 'string' || directory.trim() === '' || directory.includes('\0'))
    throw invalid('directory', "the path of a directory, such as 'db'")
  if (durability !== 'normal' && durability !== 'full') throw invalid('durability', "'normal' or 'full'")
  if (driver !== undefined && typeof driver !== 'function')
    throw invalid('driver', 'a constructor with the interface of better-sqlite3')
  if (typeof onOpen !== 'function') throw invalid('onOpen', 'a function of the opened database')
  return { directory, durability, driver, onOpen, ...intervals(options) }
}

function intervals(options: SqliteOptions): Pick<Settings, 'lockTimeoutMs' | 'vacuumIntervalMs'> {
  const lockTimeoutMs = durationMs(options.lockTimeout ?? '5s', 'lockTimeout')
  const vacuumIntervalMs = durationMs(options.vacuumInterval ?? '1h', 'vacuumInterval')
  if (lockTimeoutMs === Number.POSITIVE_INFINITY)
    throw invalid('lockTimeout', 'finite, so that every call ends')
  if (vacuumIntervalMs < minVacuumIntervalMs) throw invalid('vacuumInterval', "'1s' or more, or Infinity")
  return { lockTimeoutMs, vacuumIntervalMs }
}

function checkNames(options: SqliteOptions): void {
  if (typeof options !== 'object' || options === null)
    throw invalid('The argument of sqlite()', 'an object of options')
  for (const name of Object.keys(options)) {
    if (!known.has(name))
      throw new CacheError(
        'INVALID_OPTION',
        `sqlite() has no option '${name}'; it has ${[...known].join(', ')}`,
      )
  }
}

function invalid(option: string, expected: string): CacheError {
  return new CacheError('INVALID_OPTION', `${option} must be ${expected}`)
}
