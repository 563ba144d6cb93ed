import type { AppDatabase } from '../database/database.ts'
import type { StrategiesTable } from '../database/schema.ts'
import {
  changedColumns,
  OwnedWebhooks,
  type OwnedWebhookParts,
  type OwnedWhere,
} from '../webhooks/owned-webhooks.ts'
import {
  type NewStrategy,
  rulesSchema,
  type Strategy,
  type StrategyChange,
  type StrategySymbol,
} from './strategy.ts'

type Row = Omit<StrategiesTable, 'id'> & { readonly id: number }

/** Strategies, their symbols and their webhooks. */
export class StrategyStore {
  readonly #database: AppDatabase
  readonly #owned: OwnedWebhooks<Strategy>

  constructor(parts: OwnedWebhookParts<Strategy>) {
    this.#database = parts.database
    const read = (where: OwnedWhere): Promise<Strategy[]> => this.#read(where)
    this.#owned = new OwnedWebhooks(parts, { table: 'strategies', tag: 'strategy', read })
  }

  list(userId: number): Promise<readonly Strategy[]> {
    return this.#owned.list(userId)
  }

  /** Those of all users that do something by themselves. */
  async active(): Promise<Strategy[]> {
    return (await this.#read({})).filter(({ isActive }) => isActive)
  }

  byWebhook(webhookId: string): Promise<Strategy | undefined> {
    return this.#owned.byWebhook(webhookId)
  }

  async create(userId: number, { name, symbols, rules }: NewStrategy): Promise<Strategy> {
    const { row, shown } = this.#owned.begin(userId, name)
    const id = await this.#database.transaction().execute(async (change) => {
      const added = await change
        .insertInto('strategies')
        .values({ ...row, rules: JSON.stringify(rules) })
        .returning('id')
        .executeTakeFirstOrThrow()
      await change.insertInto('strategy_symbols').values(symbolRows(added.id, symbols)).execute()
      return added.id
    })
    await this.#owned.changed(userId, id)
    return { id, ...shown, symbols, rules }
  }

  /** `false` when the user has no such strategy. */
  async change(userId: number, id: number, changes: StrategyChange): Promise<boolean> {
    const { symbols, rules } = changes
    const row = {
      ...changedColumns(changes),
      ...(rules === undefined ? {} : { rules: JSON.stringify(rules) }),
    }
    const isTheirs = (await this.#read({ userId, id })).length > 0
    if (!isTheirs) return false
    await this.#database.transaction().execute(async (change) => {
      if (Object.keys(row).length > 0) {
        await change.updateTable('strategies').set(row).where('id', '=', id).execute()
      }
      if (symbols === undefined) return
      await change.deleteFrom('strategy_symbols').where('strategy_id', '=', id).execute()
      await change.insertInto('strategy_symbols').values(symbolRows(id, symbols)).execute()
    })
    await this.#owned.changed(userId, id)
    return true
  }

  remove(userId: number, id: number): Promise<boolean> {
    return this.#owned.remove(userId, id)
  }

  async #read(where: OwnedWhere & { readonly id?: number }): Promise<Strategy[]> {
    const database = this.#database
    let query = database.selectFrom('strategies').selectAll().orderBy('id').limit(1000)
    if (where.userId !== undefined) query = query.where('user_id', '=', where.userId)
    if (where.webhookHash !== undefined) query = query.where('webhook_hash', '=', where.webhookHash)
    if (where.id !== undefined) query = query.where('id', '=', where.id)
    const rows = await query.execute()
    if (rows.length === 0) return []
    const ids = rows.map(({ id }) => id)
    const all = await database
      .selectFrom('strategy_symbols')
      .selectAll()
      .where('strategy_id', 'in', ids)
      .execute()
    const byStrategy = Map.groupBy(all, ({ strategy_id }) => strategy_id)
    return rows.map((row) => this.#strategy(row, byStrategy.get(row.id) ?? []))
  }

  #strategy(row: Row, symbols: readonly StrategySymbol[]): Strategy {
    return {
      ...this.#owned.shared(row),
      rules: rulesSchema.parse(JSON.parse(row.rules)),
      symbols: symbols.map(({ symbol, exchange, product, quantity }) => ({
        symbol,
        exchange,
        product,
        quantity,
      })),
    }
  }
}

function symbolRows(strategyId: number, symbols: readonly StrategySymbol[]) {
  return symbols.map(({ symbol, exchange, product, quantity }) => {
    return { strategy_id: strategyId, symbol, exchange, product, quantity }
  })
}
