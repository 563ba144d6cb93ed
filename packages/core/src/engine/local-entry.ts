import { format } from '../codec/value-format.ts'
import type { NewEntry, StoredEntry } from '../ports/backend.ts'
import type { LocalEntry } from '../ports/local-tier.ts'

const noTags: readonly string[] = []

type Written = NewEntry | StoredEntry

/** What the entry at hand does not say about its life in this process. */
export interface LocalFacts {
  /** The moment its remaining times count from: when the command that brought it was sent. */
  readonly fromMs: number
  /** Every change up to this one is reflected in it. */
  readonly sequence: number
  readonly coherent: boolean
  readonly payload: unknown
  readonly format: number
  readonly sizeBytes: number
  /** The longest this tier may call it fresh. */
  readonly maxFreshMs: number
}

/** Makes the local form of an entry that was written or read. Every field is set, always in this order. */
export function localEntry(storedKey: string, written: Written, facts: LocalFacts): LocalEntry {
  return {
    payload: facts.payload,
    format: facts.format,
    settled: settledValue(facts.format, facts.payload),
    freshUntilMs: facts.fromMs + Math.min(written.freshForMs, facts.maxFreshMs),
    goneAtMs: facts.fromMs + written.keptForMs,
    bornAtMs: facts.fromMs - written.ageMs,
    loadMs: written.loadMs,
    sequence: facts.sequence,
    coherent: facts.coherent,
    simpleKey: !storedKey.includes(':') && !storedKey.includes('%'),
    tags: written.tags.length === 0 ? noTags : written.tags,
    tagsCheckedAt: 0,
    revision: written.revision,
    version: written.version,
    sizeBytes: facts.sizeBytes,
  }
}

function settledValue(id: number, payload: unknown): Promise<unknown> | undefined {
  if (id === format.live) return Promise.resolve(payload)
  return id === format.negative ? settledUndefined : undefined
}

/** One for all: hits that found nothing. */
export const settledUndefined: Promise<undefined> = Promise.resolve(undefined)
