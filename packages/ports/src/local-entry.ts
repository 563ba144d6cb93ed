import { valueFormat } from './value-format.ts'
import type { NewEntry, StoredEntry } from './backend.ts'
import type { LocalEntry } from './local-tier.ts'

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

/**
 * Makes the local form of an entry that was written or read. The fields that a hit looks at come first, so that
 * they share a cache line, and its times are whole milliseconds, rounded towards an earlier end: V8 keeps small
 * integers in the object itself, and anything else behind a pointer.
 */
export function localEntry(storedKey: string, written: Written, facts: LocalFacts): LocalEntry {
  return {
    settled: settledValue(facts.format, facts.payload),
    freshUntilMs: Math.floor(facts.fromMs + Math.min(written.freshForMs, facts.maxFreshMs)),
    simpleKey: !storedKey.includes(':') && !storedKey.includes('%'),
    coherent: facts.coherent,
    usedAt: 0,
    tags: written.tags.length === 0 ? noTags : written.tags,
    tagsCheckedAt: 0,
    payload: facts.payload,
    format: facts.format,
    goneAtMs: Math.floor(facts.fromMs + written.keptForMs),
    sizeBytes: facts.sizeBytes,
    sequence: facts.sequence,
    bornAtMs: Math.floor(facts.fromMs - written.ageMs),
    loadMs: written.loadMs,
    revision: written.revision,
    version: written.version,
  }
}

function settledValue(id: number, payload: unknown): Promise<unknown> | undefined {
  if (id === valueFormat.live) return Promise.resolve(payload)
  return id === valueFormat.negative ? settledUndefined : undefined
}

/** One for all: hits that found nothing. */
const settledUndefined: Promise<undefined> = Promise.resolve(undefined)
