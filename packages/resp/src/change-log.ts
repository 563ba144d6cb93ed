import type { ChangesReply, Invalidation, Stamp } from '@cache/ports'

/**
 * A message as the scripts write it to the log and publish it: `{"e":epoch,"s":sequence,"n":count}` and one of "k"
 * (keys), "t" (tags), "c" (true: everything). It stands for the changes s-n+1 … s of the epoch.
 */
export interface ChangeMessage {
  readonly epoch: string
  /** The sequence before the first of its changes: a listener that stands there misses nothing. */
  readonly after: number
  readonly invalidation: Invalidation
}

type InvalidationKind =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
  | { readonly kind: 'clear' }

/** `undefined` for what is no such message. */
export function parseChangeMessage(text: string): ChangeMessage | undefined {
  try {
    return read(JSON.parse(text))
  } catch {
    return undefined
  }
}

function read(message: unknown): ChangeMessage | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const { e, s, n, k, t, c } = message as Record<string, unknown>
  if (typeof e !== 'string' || typeof s !== 'number' || typeof n !== 'number') return undefined
  const covered = n > 1 ? { sequence: s, first: s - n + 1 } : { sequence: s }
  const what = kindOf(k, t, c)
  return what && { epoch: e, after: s - n, invalidation: { ...covered, ...what } }
}

function kindOf(k: unknown, t: unknown, c: unknown): InvalidationKind | undefined {
  if (isTexts(k)) return { kind: 'keys', keys: k }
  if (isTexts(t)) return { kind: 'tags', tags: t }
  return c === true ? { kind: 'clear' } : undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

/** What the log says after a sequence; a reset where it has a gap. */
export function changesAfter(sequence: number, stamp: Stamp, messages: readonly string[]): ChangesReply {
  const invalidations: Invalidation[] = []
  let reached = sequence
  for (const text of messages) {
    const message = parseChangeMessage(text)
    if (!message || message.after > reached) return { kind: 'reset', stamp }
    invalidations.push(message.invalidation)
    reached = message.invalidation.sequence
  }
  return reached === stamp.sequence ? { kind: 'log', stamp, invalidations } : { kind: 'reset', stamp }
}
