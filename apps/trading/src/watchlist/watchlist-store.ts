import type { Transaction } from 'kysely'

import type { AppDatabase } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

/** An instrument that somebody watches. */
export interface Watched {
  readonly exchange: string
  readonly symbol: string
}

export const watchedAtMost = 100

/** What each user watches, in the user's own order: kept in the database, so that it is there on every browser. */
export class WatchlistStore {
  readonly #database: AppDatabase

  constructor(database: AppDatabase) {
    this.#database = database
  }

  list(userId: number): Promise<Watched[]> {
    return read(this.#database, userId)
  }

  /** At the end; `false` when the list is full. What is watched already stays where it is. */
  add(userId: number, { exchange, symbol }: Watched): Promise<boolean> {
    return this.#database.transaction().execute(async (change) => {
      const watched = await read(change, userId)
      if (watched.some((one) => isSame(one, { exchange, symbol }))) return true
      if (watched.length >= watchedAtMost) return false
      const { last } = await change
        .selectFrom('watchlist')
        .select(({ fn }) => fn.max('position').as('last'))
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow()
      await change
        .insertInto('watchlist')
        .values({ user_id: userId, exchange, symbol, position: (last ?? -1) + 1 })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      return true
    })
  }

  async remove(userId: number, { exchange, symbol }: Watched): Promise<void> {
    await this.#database
      .deleteFrom('watchlist')
      .where('user_id', '=', userId)
      .where('exchange', '=', exchange)
      .where('symbol', '=', symbol)
      .execute()
  }

  /** Puts one at a place, counted from 0; the others move up or down. */
  async move(userId: number, moved: Watched, to: number): Promise<void> {
    await this.#database.transaction().execute(async (change) => {
      const watched = await read(change, userId)
      if (!watched.some((one) => isSame(one, moved))) return
      const others = watched.filter((one) => !isSame(one, moved))
      for (const [position, { exchange, symbol }] of others.toSpliced(to, 0, moved).entries()) {
        await change
          .updateTable('watchlist')
          .set({ position })
          .where('user_id', '=', userId)
          .where('exchange', '=', exchange)
          .where('symbol', '=', symbol)
          .execute()
      }
    })
  }
}

function read(database: AppDatabase | Transaction<Schema>, userId: number): Promise<Watched[]> {
  return database
    .selectFrom('watchlist')
    .select(['exchange', 'symbol'])
    .where('user_id', '=', userId)
    .orderBy('position')
    .orderBy('symbol')
    .execute()
}

function isSame(one: Watched, other: Watched): boolean {
  return one.exchange === other.exchange && one.symbol === other.symbol
}
