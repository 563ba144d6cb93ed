import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ttlMs, type Quote } from '../../values.ts'
import type { SqliteContender } from '../../workloads/sqlite.ts'

/** As the floor, with Node's own driver. */
export function open(directory: string): SqliteContender {
  const database = new DatabaseSync(join(directory, 'node.db'))
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT, expires INTEGER)`)
  const select = database.prepare('SELECT value, expires FROM cache WHERE key = ?')
  const upsert = database.prepare(
    'INSERT INTO cache (key, value, expires) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires',
  )
  const remove = database.prepare('DELETE FROM cache WHERE key = ?')
  const get = (key: string): unknown => {
    const row = select.get(key)
    return row && Number(row['expires']) > Date.now() ? JSON.parse(String(row['value'])) : undefined
  }
  const set = (key: string, value: Quote): unknown =>
    upsert.run(key, JSON.stringify(value), Date.now() + ttlMs)
  return {
    get,
    set,
    setMany: (entries) => {
      database.exec('BEGIN')
      for (const [key, value] of entries) set(key, value)
      database.exec('COMMIT')
    },
    getMany: (keys) => keys.map(get),
    delete: (key) => remove.run(key),
    close: () => database.close(),
  }
}
