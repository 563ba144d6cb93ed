import type { SessionRecord, SessionRecords } from '@cache/session'

import type { AppDatabase } from '../database/database.ts'
import type { SessionsTable } from '../database/schema.ts'

/** Who is signed in, in the app's database: over restarts of the app and of the caches' server. */
export class SessionTable implements SessionRecords {
  readonly #database: AppDatabase

  constructor(database: AppDatabase) {
    this.#database = database
  }

  async find(handle: string): Promise<SessionRecord | undefined> {
    const query = this.#database.selectFrom('sessions').selectAll().where('handle', '=', handle)
    const row = await query.executeTakeFirst()
    return row && recordOf(row)
  }

  async put(record: SessionRecord, expected: string | undefined): Promise<boolean> {
    const row = rowOf(record)
    if (expected === undefined) {
      const insert = this.#database.insertInto('sessions').values(row)
      const added = await insert
        .onConflict((conflict) => conflict.doNothing())
        .returning('handle')
        .execute()
      return added.length > 0
    }
    const changed = await this.#database
      .updateTable('sessions')
      .set(row)
      .where('handle', '=', record.handle)
      .where('revision', '=', expected)
      .returning('handle')
      .execute()
    return changed.length > 0
  }

  async remove(handles: readonly string[]): Promise<number> {
    const query = this.#database.deleteFrom('sessions').where('handle', 'in', handles)
    return (await query.returning('handle').execute()).length
  }

  async list(user?: string): Promise<readonly SessionRecord[]> {
    const query = this.#database.selectFrom('sessions').selectAll()
    const rows = await (user === undefined ? query : query.where('user_id', '=', Number(user))).execute()
    return rows.map(recordOf)
  }

  async removeEnded(wallMs: number): Promise<void> {
    await this.#database.deleteFrom('sessions').where('ends_at_ms', '<=', wallMs).execute()
  }

  /** Whose sessions have not ended at a moment; a thousand of them at most. */
  async usersSignedIn(wallMs: number): Promise<number[]> {
    const rows = await this.#database
      .selectFrom('sessions')
      .select('user_id')
      .distinct()
      .where('ends_at_ms', '>', wallMs)
      .limit(1000)
      .execute()
    return rows.flatMap(({ user_id: userId }) => (userId === null ? [] : [userId]))
  }
}

function rowOf({ handle, user, endsAtMs, revision, content }: SessionRecord): SessionsTable {
  const userId = user === undefined ? null : Number(user)
  return { handle, user_id: userId, ends_at_ms: endsAtMs, revision, content }
}

function recordOf({ handle, user_id: userId, ends_at_ms, revision, content }: SessionsTable): SessionRecord {
  const user = userId === null ? undefined : String(userId)
  return { handle, user, endsAtMs: ends_at_ms, revision, content }
}
