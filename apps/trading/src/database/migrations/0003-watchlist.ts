import type { Kysely } from 'kysely'

/** What each user watches. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('watchlist')
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('exchange', 'text', (column) => column.notNull())
    .addColumn('symbol', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('watchlist_key', ['user_id', 'exchange', 'symbol'])
    .execute()
}

export async function down(database: Kysely<unknown>): Promise<void> {
  await database.schema.dropTable('watchlist').execute()
}
