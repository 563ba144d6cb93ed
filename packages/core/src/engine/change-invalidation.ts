import type { Change, ChangeReply, Invalidation } from '@cache/ports'

/** What other processes are told of a change. */
export function invalidationOf(change: Change, sequence: number): Invalidation {
  if (change.kind === 'clear') return { kind: 'clear', sequence }
  if (change.kind === 'tags') return { kind: 'tags', tags: change.tags, sequence }
  return { kind: 'keys', keys: [change.key], sequence }
}

/** Keys that one message may name. */
const maxKeys = 256

/**
 * What is published of changes that a store applied: neighbouring changes of keys in one invalidation. Nothing where
 * the store does not say which sequences they took.
 */
export function publishedOf(changes: readonly Change[], { sequences }: ChangeReply): Invalidation[] {
  const published: Invalidation[] = []
  for (const [index, change] of changes.entries()) {
    const sequence = sequences?.[index]
    if (sequence === undefined) continue
    const last = published.at(-1)
    const joined = last && 'key' in change ? joinedWith(last, change.key, sequence) : undefined
    if (joined) published[published.length - 1] = joined
    else published.push(invalidationOf(change, sequence))
  }
  return published
}

function joinedWith(last: Invalidation, key: string, sequence: number): Invalidation | undefined {
  if (last.kind !== 'keys' || sequence !== last.sequence + 1 || last.keys.length >= maxKeys) return undefined
  return { kind: 'keys', keys: [...last.keys, key], first: last.first ?? last.sequence, sequence }
}
