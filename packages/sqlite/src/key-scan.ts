import type { ScanPage, ScanRequest } from '@cache/ports'
import type { Connection } from './connection.ts'
import { tagNames } from './entry-row.ts'
import { tagsHold } from './tag-state.ts'

interface KeyRow {
  readonly key: string
  readonly goneAt: number
  readonly tags: string | null
}

/** Rows looked at for one page, at least: with a tag most may be of no interest. */
const minExamined = 256

/** A page in the order of the keys. The cursor is the last key looked at, so that it holds good after any change. */
export function scanPage(connection: Connection, version: number, request: ScanRequest): ScanPage {
  const { prefix = '', cursor } = request
  const limit = Math.max(1, request.limit)
  const examined = Math.max(limit, request.tag === undefined ? 1 : minExamined)
  const from = cursor === undefined ? prefix : cursor
  const rows = connection.entries.keysFrom.all(from, version, examined + 1) as KeyRow[]
  const { nowMs } = connection.time
  const keys: string[] = []
  let last: string | undefined
  for (const row of rows) {
    if (row.key === cursor) continue
    if (!row.key.startsWith(prefix)) return { keys }
    if (keys.length === limit) return { keys, cursor: last }
    last = row.key
    if (isWanted(connection, row, request.tag, nowMs)) keys.push(row.key)
  }
  return rows.length > examined && last !== undefined ? { keys, cursor: last } : { keys }
}

/** The same of the keys whose lease is held. */
export function leasedPage(connection: Connection, version: number, request: ScanRequest): ScanPage {
  const { prefix = '', cursor } = request
  const limit = Math.max(1, request.limit)
  const { statements, time } = connection
  const rows = statements.leasedFrom.all(cursor ?? prefix, version, time.nowMs, limit + 2) as string[]
  const keys = rows.filter((key) => key !== cursor && key.startsWith(prefix))
  return keys.length > limit ? { keys: keys.slice(0, limit), cursor: keys[limit - 1] } : { keys }
}

function isWanted(connection: Connection, row: KeyRow, tag: string | undefined, nowMs: number): boolean {
  if (row.goneAt <= nowMs) return false
  if (row.tags === null) return tag === undefined
  if (tag !== undefined && !tagNames(row.tags).includes(tag)) return false
  return tagsHold(connection.statements.generation, row.tags)
}
