import type { Kysely } from 'kysely'

import { addId } from '../columns.ts'

/** Prices of the past that brokers told. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('candles')
    .$call(addId(database))
    .addColumn('exchange', 'text', (column) => column.notNull())
    .addColumn('symbol', 'text', (column) => column.notNull())
    .addColumn('interval', 'text', (column) => column.notNull())
    .addColumn('start_ms', 'bigint', (column) => column.notNull())
    .addColumn('open', 'double precision', (column) => column.notNull())
    .addColumn('high', 'double precision', (column) => column.notNull())
    .addColumn('low', 'double precision', (column) => column.notNull())
    .addColumn('close', 'double precision', (column) => column.notNull())
    .addColumn('volume', 'bigint', (column) => column.notNull())
    .addColumn('oi', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('candles_key', ['exchange', 'symbol', 'interval', 'start_ms'])
    .execute()
}

export async function down(database: Kysely<unknown>): Promise<void> {
  await database.schema.dropTable('candles').execute()
}
