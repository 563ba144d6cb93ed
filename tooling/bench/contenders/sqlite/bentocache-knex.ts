import { join } from 'node:path'
import { BentoCache, bentostore } from 'bentocache'
import { knexDriver } from 'bentocache/drivers/knex'
import knex from 'knex'
import type { SqliteContender } from '../../workloads/sqlite.ts'
import { bentoSqliteContender } from '../bento-sqlite.ts'

export async function open(directory: string): Promise<SqliteContender> {
  const connection = knex({
    client: 'better-sqlite3',
    connection: { filename: join(directory, 'bento.db') },
    useNullAsDefault: true,
  })
  await connection.raw('PRAGMA journal_mode = WAL')
  await connection.raw('PRAGMA synchronous = NORMAL')
  const file = bentostore().useL2Layer(knexDriver({ connection }))
  return bentoSqliteContender(new BentoCache({ default: 'file', stores: { file } }))
}
