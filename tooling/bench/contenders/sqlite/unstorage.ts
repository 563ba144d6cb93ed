import { join } from 'node:path'
import { createDatabase } from 'db0'
import sqliteConnector from 'db0/connectors/better-sqlite3'
import { createStorage } from 'unstorage'
import db0Driver from 'unstorage/drivers/db0'
import type { SqliteContender } from '../../workloads/sqlite.ts'

/** Its entries have no time to live. */
export async function open(directory: string): Promise<SqliteContender> {
  const database = createDatabase(sqliteConnector({ path: join(directory, 'unstorage.db') }))
  await database.exec('PRAGMA journal_mode = WAL')
  await database.exec('PRAGMA synchronous = NORMAL')
  const storage = createStorage({ driver: db0Driver({ database }) })
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, { ...value }),
    setMany: (entries) => storage.setItems(entries.map(([key, value]) => ({ key, value: { ...value } }))),
    getMany: (keys) => storage.getItems([...keys]),
    delete: (key) => storage.removeItem(key),
    close: () => storage.dispose(),
  }
}
