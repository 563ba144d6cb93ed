import { type Kysely, sql } from 'kysely'

import { addId, isPostgres } from '../columns.ts'

/** Users, their sessions, keys, settings and broker connections; the masters imported so far. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await createUsers(database)
  await createSessions(database)
  await createApiKeys(database)
  await createBrokerConnections(database)
  await database.schema
    .createTable('user_settings')
    .addColumn('user_id', 'integer', (column) =>
      column.primaryKey().references('users.id').onDelete('cascade'),
    )
    .addColumn('settings', 'text', (column) => column.notNull())
    .execute()
  await createMasterImports(database)
}

export async function down(database: Kysely<unknown>): Promise<void> {
  for (const table of [
    'master_imports',
    'user_settings',
    'broker_connections',
    'api_keys',
    'sessions',
    'users',
  ]) {
    await database.schema.dropTable(table).execute()
  }
}

async function createUsers(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('users')
    .$call(addId(database))
    .addColumn('name', isPostgres(database) ? 'text' : sql`text collate nocase`, (column) =>
      column.notNull().unique(),
    )
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('is_admin', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await sql`create unique index users_folded_name on users (lower(name))`.execute(database)
}

async function createSessions(database: Kysely<unknown>): Promise<void> {
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

async function createApiKeys(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('api_keys')
    .$call(addId(database))
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('key_hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('api_keys_user').on('api_keys').column('user_id').execute()
}

function createBrokerConnections(database: Kysely<unknown>): Promise<void> {
  return database.schema
    .createTable('broker_connections')
    .addColumn('user_id', 'integer', (column) =>
      column.primaryKey().references('users.id').onDelete('cascade'),
    )
    .addColumn('broker', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('sealed_token', 'text', (column) => column.notNull())
    .addColumn('connected_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}

function createMasterImports(database: Kysely<unknown>): Promise<void> {
  return database.schema
    .createTable('master_imports')
    .$call(addId(database))
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    .addColumn('rows_kept', 'integer', (column) => column.notNull())
    .addColumn('rows_rejected', 'integer', (column) => column.notNull())
    .addColumn('imported_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('report', 'text', (column) => column.notNull())
    .execute()
}
