import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { StampedeContender } from '../../workloads/stampede.ts'

/** What most applications write themselves: get; on a miss load and set. */
export function open(directory: string): StampedeContender {
  const database = new Database(join(directory, 'raw.db'), { timeout: 30_000 })
  database.pragma('journal_mode = WAL')
  database.exec('CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, value TEXT)')
  const select = database.prepare<[string], { readonly value: string }>(
    'SELECT value FROM cache WHERE key = ?',
  )
  const upsert = database.prepare('INSERT OR REPLACE INTO cache (key, value) VALUES (?, ?)')
  return {
    getOrLoad: async (key, load) => {
      const row = select.get(key)
      if (row) return row.value
      const value = await load()
      upsert.run(key, value)
      return value
    },
    close: () => database.close(),
  }
}
