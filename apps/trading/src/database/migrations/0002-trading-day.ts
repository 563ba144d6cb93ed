import type { Kysely } from 'kysely'

import { addId } from '../columns.ts'

const tables = [
  'bans',
  'telegram_users',
  'strategy_runs',
  'webhook_calls',
  'workflows',
  'strategy_symbols',
  'strategies',
  'qty_freeze',
  'market_timings',
  'market_holiday_exchanges',
  'market_holidays',
  'app_settings',
]

/** Settings of the app, calendar, freeze quantities, strategies, workflows, Telegram, bans. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await createSettings(database)
  await createCalendar(database)
  await createStrategies(database)
  await createWebhooks(database)
  await createTelegramUsers(database)
  await database.schema.alterTable('broker_connections').addColumn('sealed_feed_token', 'text').execute()
  await database.schema
    .createTable('bans')
    .addColumn('address', 'text', (column) => column.primaryKey())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('banned_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}

export async function down(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('broker_connections').dropColumn('sealed_feed_token').execute()
  for (const table of tables) await database.schema.dropTable(table).execute()
}

async function createSettings(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('app_settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
  await database.schema
    .createTable('qty_freeze')
    .addColumn('exchange', 'text', (column) => column.notNull())
    .addColumn('symbol', 'text', (column) => column.notNull())
    .addColumn('freeze_qty', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('qty_freeze_key', ['exchange', 'symbol'])
    .execute()
}

async function createCalendar(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('market_holidays')
    .$call(addId(database))
    .addColumn('date', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('holiday_type', 'text', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('market_holidays_date').on('market_holidays').column('date').execute()
  await database.schema
    .createTable('market_holiday_exchanges')
    .addColumn('holiday_id', 'integer', (column) =>
      column.notNull().references('market_holidays.id').onDelete('cascade'),
    )
    .addColumn('exchange', 'text', (column) => column.notNull())
    .addColumn('is_open', 'integer', (column) => column.notNull())
    .addColumn('start_time', 'text')
    .addColumn('end_time', 'text')
    .addPrimaryKeyConstraint('market_holiday_exchanges_key', ['holiday_id', 'exchange'])
    .execute()
  await database.schema
    .createTable('market_timings')
    .addColumn('exchange', 'text', (column) => column.primaryKey())
    .addColumn('start_time', 'text', (column) => column.notNull())
    .addColumn('end_time', 'text', (column) => column.notNull())
    .execute()
}

/** What a user has that a webhook calls; `content` is what it does, as JSON. */
async function createOwned(
  database: Kysely<unknown>,
  table: 'strategies' | 'workflows',
  content: 'rules' | 'steps',
): Promise<void> {
  await database.schema
    .createTable(table)
    .$call(addId(database))
    .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('webhook_hash', 'text', (column) => column.notNull().unique())
    .addColumn('sealed_webhook', 'text', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn(content, 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex(`${table}_user`).on(table).column('user_id').execute()
}

async function createStrategies(database: Kysely<unknown>): Promise<void> {
  await createOwned(database, 'strategies', 'rules')
  await database.schema
    .createTable('strategy_symbols')
    .$call(addId(database))
    .addColumn('strategy_id', 'integer', (column) =>
      column.notNull().references('strategies.id').onDelete('cascade'),
    )
    .addColumn('symbol', 'text', (column) => column.notNull())
    .addColumn('exchange', 'text', (column) => column.notNull())
    .addColumn('product', 'text', (column) => column.notNull())
    .addColumn('quantity', 'integer', (column) => column.notNull())
    .execute()
  await database.schema
    .createTable('strategy_runs')
    .addColumn('strategy_id', 'integer', (column) =>
      column.primaryKey().references('strategies.id').onDelete('cascade'),
    )
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('fence', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}

async function createWebhooks(database: Kysely<unknown>): Promise<void> {
  await createOwned(database, 'workflows', 'steps')
  await database.schema
    .createTable('webhook_calls')
    .addColumn('call_hash', 'text', (column) => column.primaryKey())
    .addColumn('received_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('webhook_calls_time')
    .on('webhook_calls')
    .column('received_at_ms')
    .execute()
}

function createTelegramUsers(database: Kysely<unknown>): Promise<void> {
  return database.schema
    .createTable('telegram_users')
    .addColumn('chat_id', 'bigint', (column) => column.primaryKey())
    .addColumn('user_id', 'integer', (column) =>
      column.notNull().unique().references('users.id').onDelete('cascade'),
    )
    .addColumn('username', 'text', (column) => column.notNull())
    .addColumn('preferences', 'text', (column) => column.notNull())
    .addColumn('linked_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}
