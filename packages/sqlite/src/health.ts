import { statfsSync, statSync } from 'node:fs'
import type { BackendHealth } from '@cache/ports'
import type { CacheFile } from './cache-file.ts'
import { fileParts } from './recovery.ts'
import type { Settings } from './sqlite-options.ts'

/** Types of file systems, as `statfs` gives them, on which SQLite's shared memory does not work between hosts. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9P'],
])

type Details = Record<string, string | number | boolean>

/** Facts and warnings about the directory and the files that are open here. */
export async function describeHealth(
  settings: Settings,
  files: readonly CacheFile[],
): Promise<BackendHealth> {
  const { directory, durability } = settings
  const details: Details = { directory, durability, files: files.length }
  const warnings = directoryWarnings(directory)
  let healthy = true
  for (const file of files) {
    try {
      await describeFile(file, details)
      warnings.push(...accessWarnings(file.path, 0o600))
    } catch (error) {
      healthy = false
      warnings.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { healthy, details, warnings }
}

async function describeFile(file: CacheFile, details: Details): Promise<void> {
  const facts = await file.read(({ database, statements }) => ({
    journalMode: String(database.pragma('journal_mode', { simple: true })),
    sqliteVersion: String(database.prepare('SELECT sqlite_version()').pluck().get()),
    state: statements.loadState.get() as { readonly entryCount: number; readonly entryBytes: number },
  }))
  details['sqliteVersion'] = facts.sqliteVersion
  details[`${file.path}.journalMode`] = facts.journalMode
  details[`${file.path}.entries`] = facts.state.entryCount
  if (facts.state.entryBytes >= 0) details[`${file.path}.entryBytes`] = facts.state.entryBytes
  details[`${file.path}.diskBytes`] = diskBytes(file.path)
}

function diskBytes(path: string): number {
  const sizes = fileParts(path).map((part) => statSync(part, { throwIfNoEntry: false })?.size ?? 0)
  return sizes.reduce((sum, size) => sum + size, 0)
}

function directoryWarnings(directory: string): string[] {
  const warnings = accessWarnings(directory, 0o700)
  try {
    const network = networkFileSystems.get(statfsSync(directory).type)
    if (network) {
      warnings.push(`${directory} is on ${network}, where SQLite loses data: put it on a local disk`)
    }
  } catch {
    // A directory that is gone is reported by its files.
  }
  return warnings
}

function accessWarnings(path: string, mode: number): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || process.platform === 'win32' || (stats.mode & 0o077) === 0) return []
  return [`${path} is open to other users: chmod ${mode.toString(8)} it`]
}
