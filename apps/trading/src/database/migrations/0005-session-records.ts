import type { Kysely } from 'kysely'

/** Sessions as `@cache/session` keeps them. Those of before are named by other hashes: who had one signs in again. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.dropTable('sessions').execute()
  await database.schema
    .createTable('sessions')
    .addColumn('handle', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'integer', (column) => column.references('users.id').onDelete('cascade'))
    .addColumn('ends_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('sessions_user').on('sessions').column('user_id').execute()
  await database.schema.createIndex('sessions_end').on('sessions').column('ends_at_ms').execute()
}

export async function down(database: Kysely<unknown>): Promise<void> {
  await database.schema.dropTable('sessions').execute()
  await createFirstSessions(database)
}

/** As the first migration made it. */
async function createFirstSessions(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('sessions')
    .addColumn('id_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('client_address', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('sessions_user').on('sessions').column('user_id').execute()
}
