import type { Transaction } from './transaction.ts'

/** From this limit on, a little more goes than must, so that one look at the order serves many writes. */
const slackFrom = 256
const slackShare = 0.02
const maxSlack = { entries: 1024, bytes: 1024 * 1024 } as const

const batch = 64

interface Candidate {
  readonly id: number
  readonly sizeBytes: number
  readonly goneAt: number
}

/** Whether the transaction left the cache above one of its limits. */
export function isOverLimit({ state, limits }: Transaction): boolean {
  return state.entryCount > limits.maxEntries || state.entryBytes > limits.maxBytes
}

/** Removes the least recently used entries until the cache is within its limits. */
export function evict(tx: Transaction): void {
  const { state, limits, entries } = tx
  entries.indexByUse.run()
  const entriesTarget = target(limits.maxEntries, state.entryCount, maxSlack.entries)
  const bytesTarget = target(limits.maxBytes, state.entryBytes, maxSlack.bytes)
  const reason = state.entryCount > limits.maxEntries ? 'entries' : 'bytes'
  while (state.entryCount > entriesTarget || state.entryBytes > bytesTarget) {
    const candidates = entries.leastUsed.all(batch) as Candidate[]
    if (candidates.length === 0) return
    for (const candidate of candidates) {
      if (state.entryCount <= entriesTarget && state.entryBytes <= bytesTarget) break
      remove(tx, candidate, reason)
    }
  }
}

function remove(tx: Transaction, { id, sizeBytes, goneAt }: Candidate, reason: 'entries' | 'bytes'): void {
  tx.entries.deleteById.run(id)
  tx.countRemoved([sizeBytes])
  tx.evicted[goneAt <= tx.nowMs ? 'expired' : reason]++
}

/** What to get down to: the limit itself where it was kept or is small, else a little below. */
function target(limit: number, used: number, largestSlack: number): number {
  if (used <= limit) return Number.POSITIVE_INFINITY
  if (limit < slackFrom) return limit
  return limit - Math.min(largestSlack, Math.floor(limit * slackShare))
}
