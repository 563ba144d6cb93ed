import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { SqliteDriver } from './driver.ts'

const lockFile = '.cache.lock'

/**
 * Makes the lock file if there is none; throws where the directory is not for us to write. One that exists is not
 * touched: to close it here would end a lock that SQLite holds on it in another thread.
 */
export function makeLockFile(directory: string): string {
  const path = join(directory, lockFile)
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  return path
}

/**
 * Runs `action` while no other process opens or replaces a cache file of the directory. It is synchronous and
 * short; the system ends the lock if the process dies. Throws SQLITE_BUSY while another process has it.
 */
export function withDirectoryLock<T>(directory: string, driver: SqliteDriver, action: () => T): T {
  const lock = new driver(makeLockFile(directory), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return action()
  } finally {
    lock.close()
  }
}
