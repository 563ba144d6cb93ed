import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { SqliteDriver } from './driver.ts'

const lockFile = '.cache.lock'

/**
 * Runs `action` while no other process opens or replaces a cache file of the directory. It is synchronous and
 * short; the system ends the lock if the process dies. Throws SQLITE_BUSY while another process has it.
 */
export function withDirectoryLock<T>(directory: string, driver: SqliteDriver, action: () => T): T {
  const path = join(directory, lockFile)
  closeSync(openSync(path, 'a', 0o600))
  const lock = new driver(path, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return action()
  } finally {
    lock.close()
  }
}
