import { type CreateTableBuilder, type Kysely, PostgresAdapter } from 'kysely'

export function isPostgres(database: Kysely<unknown>): boolean {
  return database.getExecutor().adapter instanceof PostgresAdapter
}

/** Adds a key `id` that counts up by itself. */
export function addId(
  database: Kysely<unknown>,
): <Table extends string>(table: CreateTableBuilder<Table>) => CreateTableBuilder<Table, 'id'> {
  return (table) =>
    isPostgres(database)
      ? table.addColumn('id', 'serial', (column) => column.primaryKey())
      : table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
}
