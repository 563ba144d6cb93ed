import { join } from 'node:path'
import { BentoCache, bentostore } from 'bentocache'
import { kyselyDriver } from 'bentocache/drivers/kysely'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { ttlMs } from '../../values.ts'
import type { StampedeContender } from '../../workloads/stampede.ts'

export function open(directory: string): StampedeContender {
  const database = new Database(join(directory, 'bento.db'), { timeout: 30_000 })
  database.pragma('journal_mode = WAL')
  const connection = new Kysely({ dialect: new SqliteDialect({ database }) })
  const file = bentostore().useL2Layer(kyselyDriver({ connection }))
  const bento = new BentoCache({ default: 'file', stores: { file } })
  return {
    getOrLoad: (key, load) => bento.getOrSet({ key, factory: load, ttl: ttlMs }),
    close: () => bento.disconnectAll(),
  }
}
