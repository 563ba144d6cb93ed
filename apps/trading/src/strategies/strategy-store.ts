import type { Cache, Clock } from '@cache/core'

import type { AppDatabase } from '../database/database.ts'
import type { StrategiesTable } from '../database/schema.ts'
import type { WebhookSecrets } from '../webhooks/webhook-secrets.ts'
import {
  type NewStrategy,
  rulesSchema,
  type Strategy,
  type StrategyChange,
  type StrategySymbol,
} from './strategy.ts'

export interface StrategyStoreParts {
  readonly database: AppDatabase
  readonly byWebhook: Cache<Strategy>
  readonly ofUser: Cache<readonly Strategy[]>
  readonly secrets: WebhookSecrets
  readonly clock: Clock
}

type Row = Omit<StrategiesTable, 'id'> & { readonly id: number }

/**
 * Strategies and their webhooks. One that does not exist is never remembered as missing, and each change reaches every
 * instance with its answer: a webhook works from the moment at which its address is told.
 */
export class StrategyStore {
  readonly #parts: StrategyStoreParts

  constructor(parts: StrategyStoreParts) {
    this.#parts = parts
  }

  async list(userId: number): Promise<readonly Strategy[]> {
    const load = (): Promise<Strategy[]> => this.#read({ userId })
    return (await this.#parts.ofUser.getOrLoad(userId, load, { tags: [`user:${userId}`] })) ?? []
  }

  /** Those of all users that do something by themselves. */
  async active(): Promise<Strategy[]> {
    return (await this.#read({})).filter(({ isActive }) => isActive)
  }

  byWebhook(webhookId: string): Promise<Strategy | undefined> {
    const webhookHash = this.#parts.secrets.hash(webhookId)
    return this.#parts.byWebhook.getOrLoad(webhookHash, async ({ setTags }) => {
      const [strategy] = await this.#read({ webhookHash })
      if (strategy !== undefined) setTags([`user:${strategy.userId}`, tagOf(strategy.id)])
      return strategy
    })
  }

  async create(userId: number, { name, symbols, rules }: NewStrategy): Promise<Strategy> {
    const { database, secrets, clock } = this.#parts
    const { webhookId, ...webhook } = secrets.create(userId)
    const createdAtMs = clock.wallMs()
    const row = {
      user_id: userId,
      name,
      ...webhook,
      is_active: 1,
      rules: JSON.stringify(rules),
      created_at_ms: createdAtMs,
    }
    const id = await database.transaction().execute(async (change) => {
      const added = await change
        .insertInto('strategies')
        .values(row)
        .returning('id')
        .executeTakeFirstOrThrow()
      await change.insertInto('strategy_symbols').values(symbolRows(added.id, symbols)).execute()
      return added.id
    })
    await this.#changed(userId, id)
    return { id, userId, name, symbols, rules, isActive: true, webhookId, createdAtMs }
  }

  /** `false` when the user has no such strategy. */
  async change(
    userId: number,
    id: number,
    { symbols, name, rules, isActive }: StrategyChange,
  ): Promise<boolean> {
    const row = {
      ...(name === undefined ? {} : { name }),
      ...(rules === undefined ? {} : { rules: JSON.stringify(rules) }),
      ...(isActive === undefined ? {} : { is_active: Number(isActive) }),
    }
    const isTheirs = (await this.#read({ userId, id })).length > 0
    if (!isTheirs) return false
    await this.#parts.database.transaction().execute(async (change) => {
      if (Object.keys(row).length > 0) {
        await change.updateTable('strategies').set(row).where('id', '=', id).execute()
      }
      if (symbols === undefined) return
      await change.deleteFrom('strategy_symbols').where('strategy_id', '=', id).execute()
      await change.insertInto('strategy_symbols').values(symbolRows(id, symbols)).execute()
    })
    await this.#changed(userId, id)
    return true
  }

  async remove(userId: number, id: number): Promise<boolean> {
    const { numDeletedRows } = await this.#parts.database
      .deleteFrom('strategies')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst()
    await this.#changed(userId, id)
    return numDeletedRows > 0n
  }

  async #changed(userId: number, id: number): Promise<void> {
    const { byWebhook, ofUser } = this.#parts
    await Promise.all([byWebhook.invalidateTags([tagOf(id)]), ofUser.delete(userId)])
  }

  async #read(where: { userId?: number; webhookHash?: string; id?: number }): Promise<Strategy[]> {
    const { database } = this.#parts
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
      id: row.id,
      userId: row.user_id,
      name: row.name,
      isActive: row.is_active === 1,
      webhookId: this.#parts.secrets.open(row.sealed_webhook, row.user_id),
      createdAtMs: row.created_at_ms,
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

function tagOf(id: number): string {
  return `strategy:${id}`
}
