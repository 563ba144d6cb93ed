import type { RecordedTags } from './entry-row.ts'
import type { Transaction } from './transaction.ts'
import type { SqliteStatement } from './driver.ts'

/** Past this many tag records the older half is dropped; what carries such a tag, or one never invalidated, goes. */
const maxTags = 131_072

/**
 * Whether each recorded generation is still the current one. Equality, never "not above": a tag without a record
 * has the generation `tag_floor`, so that entries become void when records are dropped, and never valid again.
 */
export function tagsHold(generation: SqliteStatement, recorded: string): boolean {
  const tags = JSON.parse(recorded) as RecordedTags
  for (let index = 0; index < tags.length; index += 2) {
    if (generation.get(tags[index]) !== tags[index + 1]) return false
  }
  return true
}

/** The same within a write transaction. */
export function tagsHoldIn(tx: Transaction, recorded: string): boolean {
  const tags = JSON.parse(recorded) as RecordedTags
  for (let index = 0; index < tags.length; index += 2) {
    if (generationOf(tx, tags[index] as string) !== tags[index + 1]) return false
  }
  return true
}

/** The tags with their present generations, as an entry records them. */
export function recordTags(tx: Transaction, tags: readonly string[]): string | null {
  if (tags.length === 0) return null
  return JSON.stringify(tags.flatMap((tag) => [tag, generationOf(tx, tag)]))
}

/** Whether none of the tags was invalidated after `sequence`. */
export function tagsUntouchedSince(tx: Transaction, tags: readonly string[], sequence: number): boolean {
  return tags.every((tag) => generationOf(tx, tag) <= sequence)
}

export function invalidateTags(tx: Transaction, tags: readonly string[]): void {
  const sequence = tx.changes.tags(tags)
  for (const tag of tags) tx.statements.putTag.run(tag, sequence)
  tx.state.tagCount += tags.length
  if (tx.state.tagCount > maxTags) trimTags(tx)
}

function generationOf(tx: Transaction, tag: string): number {
  return (tx.statements.tagRecord.get(tag) as number | undefined) ?? tx.state.tagFloor
}

/** Drops records from the oldest on, until half are left; the floor then stands for all that were dropped. */
function trimTags(tx: Transaction): void {
  const { statements, state } = tx
  state.tagCount = statements.countTags.get() as number
  if (state.tagCount <= maxTags) return
  state.tagFloor = statements.middleGeneration.get() as number
  statements.trimTags.run(state.tagFloor)
  state.tagCount = statements.countTags.get() as number
}
