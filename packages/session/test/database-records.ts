import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import type { SessionRecord, SessionRecords } from '../src/index.ts'

/** How often each statement was called. */
export interface Calls {
  readonly find: number
}

/** Sessions in a table of an SQL database, as an application would keep them. */
export function databaseRecords(path = ':memory:'): SessionRecords & { readonly calls: Calls } {
  const database = new DatabaseSync(path)
  onTestFinished(() => database.close())
  database.exec(
    'create table if not exists sessions (handle text primary key, user text, ends_at_ms integer, revision text, content text)',
  )
  const columns = 'handle, user, ends_at_ms as endsAtMs, revision, content'
  const calls = { find: 0 }
  return {
    calls,
    async find(handle) {
      calls.find++
      const row = database.prepare(`select ${columns} from sessions where handle = ?`).get(handle)
      return row && recordOf(row)
    },
    async put({ handle, user = null, endsAtMs, revision, content }, expected) {
      const { changes } =
        expected === undefined
          ? database
              .prepare('insert into sessions values (?, ?, ?, ?, ?) on conflict do nothing')
              .run(handle, user, endsAtMs, revision, content)
          : database
              .prepare(
                'update sessions set user = ?, ends_at_ms = ?, revision = ?, content = ? where handle = ? and revision = ?',
              )
              .run(user, endsAtMs, revision, content, handle, expected)
      return changes === 1
    },
    async remove(handles) {
      const statement = database.prepare('delete from sessions where handle = ?')
      return handles.reduce((count, handle) => count + Number(statement.run(handle).changes), 0)
    },
    async list(user) {
      const rows =
        user === undefined
          ? database.prepare(`select ${columns} from sessions`).all()
          : database.prepare(`select ${columns} from sessions where user = ?`).all(user)
      return rows.map(recordOf)
    },
    async removeEnded(wallMs) {
      database.prepare('delete from sessions where ends_at_ms <= ?').run(wallMs)
    },
  }
}

function recordOf({ user, ...row }: Record<string, unknown>): SessionRecord {
  return { ...row, user: user ?? undefined } as SessionRecord
}
