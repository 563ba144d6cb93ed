import type { Cache, Clock } from '@cache/core'
import { z } from 'zod'

import type { AppDatabase } from '../database/database.ts'
import type { WebhookSecrets } from '../webhooks/webhook-secrets.ts'
import { type NewWorkflow, stepSchema, type Workflow, type WorkflowChange } from './workflow.ts'

export interface WorkflowStoreParts {
  readonly database: AppDatabase
  readonly byWebhook: Cache<Workflow>
  readonly ofUser: Cache<readonly Workflow[]>
  readonly secrets: WebhookSecrets
  readonly clock: Clock
}

/** Workflows and their webhooks; see `StrategyStore` for what is remembered of them. */
export class WorkflowStore {
  readonly #parts: WorkflowStoreParts

  constructor(parts: WorkflowStoreParts) {
    this.#parts = parts
  }

  async list(userId: number): Promise<readonly Workflow[]> {
    const load = (): Promise<Workflow[]> => this.#read('user_id', userId)
    return (await this.#parts.ofUser.getOrLoad(userId, load, { tags: [`user:${userId}`] })) ?? []
  }

  byWebhook(webhookId: string): Promise<Workflow | undefined> {
    const hash = this.#parts.secrets.hash(webhookId)
    return this.#parts.byWebhook.getOrLoad(hash, async ({ setTags }) => {
      const [workflow] = await this.#read('webhook_hash', hash)
      if (workflow !== undefined) setTags([`user:${workflow.userId}`, tagOf(workflow.id)])
      return workflow
    })
  }

  async create(userId: number, { name, steps }: NewWorkflow): Promise<Workflow> {
    const { database, secrets, clock } = this.#parts
    const { webhookId, ...webhook } = secrets.create(userId)
    const createdAtMs = clock.wallMs()
    const row = {
      user_id: userId,
      name,
      ...webhook,
      is_active: 1,
      steps: JSON.stringify(steps),
      created_at_ms: createdAtMs,
    }
    const { id } = await database
      .insertInto('workflows')
      .values(row)
      .returning('id')
      .executeTakeFirstOrThrow()
    await this.#changed(userId, id)
    return { id, userId, name, steps, isActive: true, webhookId, createdAtMs }
  }

  /** `false` when the user has no such workflow. */
  async change(userId: number, id: number, { name, steps, isActive }: WorkflowChange): Promise<boolean> {
    const row = {
      ...(name === undefined ? {} : { name }),
      ...(steps === undefined ? {} : { steps: JSON.stringify(steps) }),
      ...(isActive === undefined ? {} : { is_active: Number(isActive) }),
    }
    const { numUpdatedRows } = await this.#parts.database
      .updateTable('workflows')
      .set({ user_id: userId, ...row })
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst()
    await this.#changed(userId, id)
    return numUpdatedRows > 0n
  }

  async remove(userId: number, id: number): Promise<boolean> {
    const { numDeletedRows } = await this.#parts.database
      .deleteFrom('workflows')
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

  async #read(column: 'user_id' | 'webhook_hash', value: number | string): Promise<Workflow[]> {
    const rows = await this.#parts.database
      .selectFrom('workflows')
      .selectAll()
      .where(column, '=', value)
      .orderBy('id')
      .limit(1000)
      .execute()
    return rows.map((row) => ({
      id: row.id,
      userId: row.user_id,
      name: row.name,
      isActive: row.is_active === 1,
      webhookId: this.#parts.secrets.open(row.sealed_webhook, row.user_id),
      createdAtMs: row.created_at_ms,
      steps: z.array(stepSchema).parse(JSON.parse(row.steps)),
    }))
  }
}

function tagOf(id: number): string {
  return `workflow:${id}`
}
