import { join } from 'node:path'
import { BentoCache, bentostore } from 'bentocache'
import { kyselyDriver } from 'bentocache/drivers/kysely'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import type { SqliteContender } from '../../workloads/sqlite.ts'
import { bentoSqliteContender } from '../bento-sqlite.ts'

export function open(directory: string): SqliteContender {
  const database = new Database(join(directory, 'bento.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  const connection = new Kysely({ dialect: new SqliteDialect({ database }) })
  const file = bentostore().useL2Layer(kyselyDriver({ connection }))
  return bentoSqliteContender(new BentoCache({ default: 'file', stores: { file } }))
}
