import { statfsSync } from 'node:fs'
import { CacheError, isCacheError } from '@cache/ports'

/** What a failed call asks for. */
export type FailureKind =
  /** Another connection holds the lock: try again a little later. */
  | 'busy'
  /** The file is damaged or is no database: set it aside and try again. */
  | 'corrupt'
  /** Report it. */
  | 'other'

/** Tells failures that mend themselves from those that are the caller's to know. */
export function failureKind(error: unknown): FailureKind {
  return kindOf(codeOf(error))
}

/** Whether SQLite takes the file for something else: it is damaged at its beginning, or encrypted. */
export function isNoDatabase(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_NOTADB'
}

/** For a file of ours that SQLite finds sound, but that lacks what we put into it. */
export function damagedError(cause?: unknown): Error {
  return Object.assign(new Error('the file is incomplete', { cause }), { code: 'SQLITE_CORRUPT' })
}

function kindOf(code: string): FailureKind {
  if (/^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(code)) return 'busy'
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code) || code === 'SQLITE_IOERR_SHORT_READ') return 'corrupt'
  return 'other'
}

/** The `CacheError` for what SQLite or the file system threw. `path` is the file or directory concerned. */
export function asCacheError(error: unknown, path: string): CacheError {
  if (isCacheError(error)) return error
  const [code, message] = describe(codeOf(error), path)
  return new CacheError(code, message, { cause: error })
}

export function closedError(): CacheError {
  return new CacheError('CLOSED', 'The SQLite backend was closed')
}

export function lockedError(path: string, timeoutMs: number): CacheError {
  return new CacheError(
    'BACKEND_LOCKED',
    `Another process held the write lock of ${path} for longer than lockTimeout (${timeoutMs} ms): find the ` +
      'process with a long transaction on it, or raise lockTimeout',
  )
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return String(error.code)
}

function describe(code: string, path: string): [CacheError['code'], string] {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT' || isFullDisk(code, path))
    return ['BACKEND_FULL', `No room left for ${path}: free disk space, or lower maxBytes of the cache`]
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS')
    return ['BACKEND_READ_ONLY', `${path} accepts no writes: make the file and its directory writable`]
  if (code === 'EACCES' || code === 'EPERM' || code === 'SQLITE_PERM')
    return ['BACKEND_READ_ONLY', `${path} may not be opened by this user: give it read and write permission`]
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'EISDIR' ||
    code === 'EEXIST'
  )
    return [
      'BACKEND_UNREACHABLE',
      `${path} cannot be opened: check that its directory exists and that this user may read and write both`,
    ]
  if (kindOf(code) === 'busy') return ['BACKEND_LOCKED', `Another process holds the lock of ${path}`]
  if (kindOf(code) === 'corrupt')
    return [
      'BACKEND_CORRUPT',
      `${path} is damaged, or encrypted with another key: correct the key or move it away`,
    ]
  if (code === 'SQLITE_TOOBIG' || code === 'ERR_STRING_TOO_LONG')
    return ['VALUE_TOO_LARGE', 'The value is larger than SQLite stores in one row: split it']
  return ['BACKEND_FAILED', `SQLite failed on ${path}${code && ` with ${code}`}; the cause says how`]
}

/** A write that failed on a file system without room left, whatever SQLite called it. */
function isFullDisk(code: string, path: string): boolean {
  if (!code.startsWith('SQLITE_IOERR')) return false
  try {
    return statfsSync(path).bavail === 0
  } catch {
    return false
  }
}
