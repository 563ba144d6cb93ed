import type { Cache, Clock } from '@cache/core'

import type { AppDatabase } from '../database/database.ts'
import type { WebhookSecrets } from './webhook-secrets.ts'

/** Something of a user that a webhook calls. */
export interface Owned {
  readonly id: number
  readonly userId: number
  readonly name: string
  readonly isActive: boolean
  readonly webhookId: string
  readonly createdAtMs: number
}

export interface OwnedWebhookParts<Item extends Owned> {
  readonly database: AppDatabase
  readonly byWebhook: Cache<Item>
  readonly ofUser: Cache<readonly Item[]>
  readonly secrets: WebhookSecrets
  readonly clock: Clock
}

/** Which rows to read; those that fulfil all that is given. */
export interface OwnedWhere {
  readonly userId?: number
  readonly webhookHash?: string
}

interface OwnedRow {
  readonly id: number
  readonly user_id: number
  readonly name: string
  readonly is_active: number
  readonly sealed_webhook: string
  readonly created_at_ms: number
}

/** Where they are, and what they are called in tags. */
export interface OwnedKind<Item extends Owned> {
  readonly table: 'strategies' | 'workflows'
  readonly tag: string
  readonly read: (where: OwnedWhere) => Promise<Item[]>
}

/**
 * What strategies and workflows have in common. One that does not exist is never remembered as missing, and each change
 * reaches every instance with its answer: a webhook works from the moment at which its address is told.
 */
export class OwnedWebhooks<Item extends Owned> {
  readonly #parts: OwnedWebhookParts<Item>
  readonly #kind: OwnedKind<Item>

  constructor(parts: OwnedWebhookParts<Item>, kind: OwnedKind<Item>) {
    this.#parts = parts
    this.#kind = kind
  }

  async list(userId: number): Promise<readonly Item[]> {
    const load = (): Promise<Item[]> => this.#kind.read({ userId })
    return (await this.#parts.ofUser.getOrLoad(userId, load, { tags: [`user:${userId}`] })) ?? []
  }

  byWebhook(webhookId: string): Promise<Item | undefined> {
    const webhookHash = this.#parts.secrets.hash(webhookId)
    return this.#parts.byWebhook.getOrLoad(webhookHash, async ({ setTags }) => {
      const [found] = await this.#kind.read({ webhookHash })
      if (found !== undefined) setTags([`user:${found.userId}`, this.#tagOf(found.id)])
      return found
    })
  }

  /** A new one as it is stored, and the id of its webhook, which is told only to its owner. */
  begin(userId: number, name: string) {
    const { secrets, clock } = this.#parts
    const { webhookId, ...webhook } = secrets.create(userId)
    const createdAtMs = clock.wallMs()
    const row = { user_id: userId, name, ...webhook, is_active: 1, created_at_ms: createdAtMs }
    return { row, shown: { userId, name, isActive: true, webhookId, createdAtMs } }
  }

  /** What every one has, of its row. */
  shared(row: OwnedRow): Owned {
    return {
      id: row.id,
      userId: row.user_id,
      name: row.name,
      isActive: row.is_active === 1,
      webhookId: this.#parts.secrets.open(row.sealed_webhook, row.user_id),
      createdAtMs: row.created_at_ms,
    }
  }

  /** `false` when the user has no such one. */
  async remove(userId: number, id: number): Promise<boolean> {
    const { numDeletedRows } = await this.#parts.database
      .deleteFrom(this.#kind.table)
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst()
    await this.changed(userId, id)
    return numDeletedRows > 0n
  }

  async changed(userId: number, id: number): Promise<void> {
    const { byWebhook, ofUser } = this.#parts
    await Promise.all([byWebhook.invalidateTags([this.#tagOf(id)]), ofUser.delete(userId)])
  }

  #tagOf(id: number): string {
    return `${this.#kind.tag}:${id}`
  }
}

/** Columns to change; what is not given stays. */
export function changedColumns({
  name,
  isActive,
}: {
  readonly name?: string | undefined
  readonly isActive?: boolean | undefined
}) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(isActive === undefined ? {} : { is_active: Number(isActive) }),
  }
}
