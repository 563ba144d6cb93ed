import { z } from 'zod'

import type { AppDatabase } from '../database/database.ts'
import {
  changedColumns,
  OwnedWebhooks,
  type OwnedWebhookParts,
  type OwnedWhere,
} from '../webhooks/owned-webhooks.ts'
import { type NewWorkflow, stepSchema, type Workflow, type WorkflowChange } from './workflow.ts'

/** Workflows and their webhooks. */
export class WorkflowStore {
  readonly #database: AppDatabase
  readonly #owned: OwnedWebhooks<Workflow>

  constructor(parts: OwnedWebhookParts<Workflow>) {
    this.#database = parts.database
    const read = (where: OwnedWhere): Promise<Workflow[]> => this.#read(where)
    this.#owned = new OwnedWebhooks(parts, { table: 'workflows', tag: 'workflow', read })
  }

  list(userId: number): Promise<readonly Workflow[]> {
    return this.#owned.list(userId)
  }

  byWebhook(webhookId: string): Promise<Workflow | undefined> {
    return this.#owned.byWebhook(webhookId)
  }

  async create(userId: number, { name, steps }: NewWorkflow): Promise<Workflow> {
    const { row, shown } = this.#owned.begin(userId, name)
    const { id } = await this.#database
      .insertInto('workflows')
      .values({ ...row, steps: JSON.stringify(steps) })
      .returning('id')
      .executeTakeFirstOrThrow()
    await this.#owned.changed(userId, id)
    return { id, ...shown, steps }
  }

  /** `false` when the user has no such workflow. */
  async change(userId: number, id: number, change: WorkflowChange): Promise<boolean> {
    const { steps } = change
    const { numUpdatedRows } = await this.#database
      .updateTable('workflows')
      .set({
        user_id: userId,
        ...changedColumns(change),
        ...(steps === undefined ? {} : { steps: JSON.stringify(steps) }),
      })
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst()
    await this.#owned.changed(userId, id)
    return numUpdatedRows > 0n
  }

  remove(userId: number, id: number): Promise<boolean> {
    return this.#owned.remove(userId, id)
  }

  async #read({ userId, webhookHash }: OwnedWhere): Promise<Workflow[]> {
    let query = this.#database.selectFrom('workflows').selectAll().orderBy('id').limit(1000)
    if (userId !== undefined) query = query.where('user_id', '=', userId)
    if (webhookHash !== undefined) query = query.where('webhook_hash', '=', webhookHash)
    return (await query.execute()).map((row) =>
      Object.assign(this.#owned.shared(row), { steps: z.array(stepSchema).parse(JSON.parse(row.steps)) }),
    )
  }
}
