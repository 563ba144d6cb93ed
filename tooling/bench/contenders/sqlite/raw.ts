import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ttlMs, type Quote } from '../../values.ts'
import type { SqliteContender } from '../../workloads/sqlite.ts'

interface Row {
  readonly value: string
  readonly expires: number
}

/** The floor: prepared statements and JSON; a write is a transaction of its own, `setMany` one for all. */
export function open(directory: string): SqliteContender {
  const database = new Database(join(directory, 'raw.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.exec('CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT, expires INTEGER)')
  const select = database.prepare<[string], Row>('SELECT value, expires FROM cache WHERE key = ?')
  const upsert = database.prepare(
    'INSERT INTO cache (key, value, expires) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires',
  )
  const remove = database.prepare('DELETE FROM cache WHERE key = ?')
  const get = (key: string): unknown => {
    const row = select.get(key)
    return row && row.expires > Date.now() ? JSON.parse(row.value) : undefined
  }
  const set = (key: string, value: Quote): unknown =>
    upsert.run(key, JSON.stringify(value), Date.now() + ttlMs)
  return {
    get,
    set,
    setMany: database.transaction((entries) => {
      for (const [key, value] of entries) set(key, value)
    }),
    getMany: (keys) => keys.map(get),
    delete: (key) => remove.run(key),
    close: () => database.close(),
  }
}
