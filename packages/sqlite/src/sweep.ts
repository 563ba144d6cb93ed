import type { CacheFile } from './cache-file.ts'
import type { Connection } from './connection.ts'
import type { EntryFacts } from './entry-row.ts'
import { tagsHold, tagsHoldIn } from './tag-state.ts'
import type { Transaction } from './transaction.ts'

/** Rows looked at in one step. */
const windowRows = 512

interface Window {
  /** The last row looked at; `undefined` at the end of the table. */
  readonly end: number | undefined
  readonly candidates: readonly EntryFacts[]
}

/**
 * Walks the table in small steps and removes what is gone or void. Each removal looks at the row again within its
 * transaction, so that nothing that was written meanwhile is lost. The walk goes on where the last one stopped.
 */
export class Sweep {
  readonly #file: CacheFile
  #position = 0

  constructor(file: CacheFile) {
    this.#file = file
  }

  /** Removes up to `limit` rows; fewer only where a whole round found no more. */
  async run(limit: number): Promise<number> {
    const beganAt = this.#position
    let removed = 0
    for (let wrapped = false; removed < limit;) {
      const window = await this.#file.read((connection) => findWindow(connection, this.#position))
      const { candidates, end } = window
      if (candidates.length > 0) removed += await this.#remove(candidates, limit - removed)
      if (removed >= limit) break
      this.#position = end ?? 0
      if (end === undefined && (wrapped || beganAt === 0)) return this.#finishRound(removed)
      if (end === undefined) wrapped = true
      else if (wrapped && end >= beganAt) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    return removed
  }

  #remove(candidates: readonly EntryFacts[], limit: number): Promise<number> {
    return this.#file.write((tx) => {
      const gone = candidates.filter((candidate) => isGone(tx, candidate)).slice(0, limit)
      for (const { id } of gone) tx.entries.deleteById.run(id)
      tx.countRemoved(gone.map(({ sizeBytes }) => sizeBytes))
      tx.evicted.expired += gone.length
      return gone.length
    })
  }

  async #finishRound(removed: number): Promise<number> {
    if (await this.#file.read(hasRoundWork)) await this.#file.write(tidy)
    return removed
  }
}

function findWindow({ statements, entries, time }: Connection, position: number): Window {
  const end = (entries.windowEnd.get(position, windowRows) as number | null) ?? undefined
  if (end === undefined) return { end, candidates: [] }
  const { nowMs } = time
  const rows = entries.sweepable.all(position, end, nowMs) as EntryFacts[]
  const isVoid = ({ goneAt, tags }: EntryFacts): boolean =>
    goneAt <= nowMs || (tags !== null && !tagsHold(statements.generation, tags))
  return { end, candidates: rows.filter(isVoid) }
}

/** The row as it is now: it may have been removed, and its id given to another, since it was found. */
function isGone(tx: Transaction, { id }: EntryFacts): boolean {
  const row = tx.entries.factsById.get(id) as EntryFacts | undefined
  if (row === undefined) return false
  return row.goneAt <= tx.nowMs || (row.tags !== null && !tagsHoldIn(tx, row.tags))
}

function hasRoundWork({ statements, time }: Connection): boolean {
  if (statements.hasEndedLeases.get(time.nowMs) !== undefined) return true
  const { versions } = statements.loadState.get() as { readonly versions: string }
  return /,\d+,\d+,/.test(versions)
}

/** Removes leases that ended, and forgets schema versions that have no rows left. */
function tidy(tx: Transaction): void {
  const { statements, state } = tx
  state.leaseCount -= statements.deleteEndedLeases.run(tx.nowMs).changes
  tx.dirty = true
  const versions = (tx.entries.versions.all() as number[]).map((version) => `${version},`)
  state.versions = `,${versions.join('')}`
  tx.saveIdentity()
}
