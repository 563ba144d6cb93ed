import type { Cache, Clock } from '@cache/core'
import type { ValuePlace, ValueSeal } from '@cache/crypto'

import type { AppDatabase } from '../database/database.ts'
import type { BrokerAdapter } from './broker-adapter.ts'

/** A connection as it rests in the cache and in the database: the token is ciphertext. */
export interface SealedConnection {
  readonly broker: string
  readonly account: string
  readonly sealedToken: string
  readonly connectedAtMs: number
  readonly expiresAtMs: number
}

/** What can be shown of a connection. */
export type Connection = Omit<SealedConnection, 'sealedToken'>

export interface ConnectionParts {
  readonly database: AppDatabase
  readonly cache: Cache<SealedConnection>
  readonly feedTokens: Cache<string>
  readonly names: Cache<string>
  readonly seal: ValueSeal
  readonly broker: BrokerAdapter
  readonly clock: Clock
}

/** Which user is connected to the broker, and with which token. */
export class BrokerConnections {
  readonly #parts: ConnectionParts

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  /** Trades the code of a sign-in at the broker for a token and keeps it. */
  async connect(userId: number, code: string): Promise<Connection> {
    const { broker, seal, database, clock } = this.#parts
    const { token, feedToken, account, expiresAtMs } = await broker.grant(code)
    const row = {
      broker: broker.id,
      account,
      sealed_token: seal.seal(token, place(userId)),
      sealed_feed_token: seal.seal(feedToken, feedPlace(userId)),
      connected_at_ms: clock.wallMs(),
      expires_at_ms: expiresAtMs,
    }
    await database
      .insertInto('broker_connections')
      .values({ user_id: userId, ...row })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
      .execute()
    await this.#changed(userId)
    return { broker: row.broker, account, connectedAtMs: row.connected_at_ms, expiresAtMs }
  }

  async disconnect(userId: number): Promise<void> {
    const { database, broker } = this.#parts
    const tokens = [await this.token(userId), await this.feedToken(userId)]
    await database.deleteFrom('broker_connections').where('user_id', '=', userId).execute()
    await this.#changed(userId)
    for (const token of tokens) if (token !== undefined) await broker.revoke(token)
  }

  async get(userId: number): Promise<Connection | undefined> {
    const sealed = await this.#sealed(userId)
    if (sealed === undefined) return undefined
    const { broker, account, connectedAtMs, expiresAtMs } = sealed
    return { broker, account, connectedAtMs, expiresAtMs }
  }

  /** The token in the clear, for one call to the broker. Not to be kept. */
  async token(userId: number): Promise<string | undefined> {
    const sealed = await this.#sealed(userId)
    return sealed && this.#parts.seal.open(sealed.sealedToken, place(userId))
  }

  /** The token of the stream in the clear, for one connection. Not to be kept. */
  async feedToken(userId: number): Promise<string | undefined> {
    if ((await this.#sealed(userId)) === undefined) return undefined
    const { feedTokens, database, seal } = this.#parts
    const sealed = await feedTokens.getOrLoad(
      userId,
      async () => {
        const query = database.selectFrom('broker_connections').select('sealed_feed_token')
        return (await query.where('user_id', '=', userId).executeTakeFirst())?.sealed_feed_token ?? undefined
      },
      { tags: [`user:${userId}`] },
    )
    return sealed === undefined ? this.token(userId) : seal.open(sealed, feedPlace(userId))
  }

  /** The name of the broker that a user is or was connected to; that of the app's broker for all others. */
  async brokerName(userId: number): Promise<string> {
    const { names, broker } = this.#parts
    const load = async (): Promise<string> => (await this.get(userId))?.broker ?? broker.id
    return (await names.getOrLoad(userId, load, { tags: [`user:${userId}`] })) ?? broker.id
  }

  /** Somebody who is connected, for work that no user asked for. */
  async anyConnected(): Promise<number | undefined> {
    const row = await this.#parts.database
      .selectFrom('broker_connections')
      .select('user_id')
      .where('expires_at_ms', '>', this.#parts.clock.wallMs())
      .limit(1)
      .executeTakeFirst()
    return row?.user_id
  }

  async #changed(userId: number): Promise<void> {
    const { cache, feedTokens, names } = this.#parts
    await Promise.all([cache.delete(userId), feedTokens.delete(userId), names.delete(userId)])
  }

  async #sealed(userId: number): Promise<SealedConnection | undefined> {
    const { cache, clock } = this.#parts
    const load = (): Promise<SealedConnection | undefined> => this.#read(userId)
    const sealed = await cache.getOrLoad(userId, load, { tags: [`user:${userId}`] })
    return sealed !== undefined && sealed.expiresAtMs > clock.wallMs() ? sealed : undefined
  }

  async #read(userId: number): Promise<SealedConnection | undefined> {
    const row = await this.#parts.database
      .selectFrom('broker_connections')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirst()
    if (row === undefined || row.expires_at_ms <= this.#parts.clock.wallMs()) return undefined
    return {
      broker: row.broker,
      account: row.account,
      sealedToken: row.sealed_token,
      connectedAtMs: row.connected_at_ms,
      expiresAtMs: row.expires_at_ms,
    }
  }
}

/** Binds a sealed token to its owner. */
function place(userId: number): ValuePlace {
  return ['broker_connections', 'sealed_token', userId]
}

function feedPlace(userId: number): ValuePlace {
  return ['broker_connections', 'sealed_feed_token', userId]
}
