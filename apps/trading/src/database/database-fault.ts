/** The file of the database was moved or removed while it was open. */
export class DatabaseGone extends Error {
  override readonly name = 'DatabaseGone'

  constructor(path: string) {
    super(`The database file ${path} is not where it was; bring it back, or restart on a backup`)
  }
}

/**
 * Why the database can't do its work now.
 *
 * - `DATABASE_LOCKED`: another process holds it
 * - `DATABASE_READ_ONLY`: it takes no changes
 * - `DATABASE_FULL`: its disk has no room
 * - `DATABASE_UNAVAILABLE`: it can't be reached, or read
 */
export type DatabaseFaultCode =
  | 'DATABASE_LOCKED'
  | 'DATABASE_READ_ONLY'
  | 'DATABASE_FULL'
  | 'DATABASE_UNAVAILABLE'

/** What is told to whoever asked: nothing of the database itself. */
export const databaseMessages: Readonly<Record<DatabaseFaultCode, string>> = {
  DATABASE_LOCKED: 'The database is in use by another program; try again in a moment',
  DATABASE_READ_ONLY: 'The database takes no changes now; its operator has to make it writable',
  DATABASE_FULL: 'The disk of the database is full; its operator has to make room',
  DATABASE_UNAVAILABLE: 'The database can not be reached now; try again in a moment',
}

/** By the codes of SQLite, PostgreSQL (SQLSTATE) and the network. */
const patterns: readonly (readonly [RegExp, DatabaseFaultCode])[] = [
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)|^55P03$/, 'DATABASE_LOCKED'],
  [/^SQLITE_(READONLY|PERM)|^25006$/, 'DATABASE_READ_ONLY'],
  [/^SQLITE_FULL|^53100$/, 'DATABASE_FULL'],
  [/^SQLITE_(CANTOPEN|IOERR|CORRUPT|NOTADB)/, 'DATABASE_UNAVAILABLE'],
  [/^(08|57P0|53[023])[0-9A-Z]*$|^57014$|^28[0-9A-Z]{3}$/, 'DATABASE_UNAVAILABLE'],
]
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
])
/** The driver of PostgreSQL gives these no code. */
const poolMessages = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/
const deepestCause = 4

/** Of an error that a query ended with, or of what caused it; `undefined` when the database is not to blame. */
export function databaseFault(error: unknown): DatabaseFaultCode | undefined {
  let current = error
  for (let depth = 0; depth < deepestCause && current instanceof Error; depth++) {
    const code = codeOf(current)
    if (code !== undefined) return code
    current = current.cause
  }
  return undefined
}

/** Whether another process holds the lock; waiting does not help a transaction whose snapshot is too old. */
export function isLocked(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_RECOVERY'
}

function codeOf(error: Error): DatabaseFaultCode | undefined {
  if (error instanceof DatabaseGone || poolMessages.test(error.message)) return 'DATABASE_UNAVAILABLE'
  const { code, syscall } = error as NodeJS.ErrnoException
  if (typeof code !== 'string') return undefined
  // The broker is reached over the network too, and says so with an error of its own.
  if (networkCodes.has(code) && syscall !== undefined) return 'DATABASE_UNAVAILABLE'
  return patterns.find(([pattern]) => pattern.test(code))?.[1]
}
