import { localEntry, valueFormat, type LocalEntry, type NewEntry, type StoredEntry } from '@cache/core'

/** The form in which an entry written now rests in this process. */
export function writtenEntry(key: string, entry: NewEntry, sequence: number, nowMs: number): LocalEntry {
  return localEntry(key, entry, {
    fromMs: nowMs,
    sequence,
    coherent: true,
    payload: entry.payload,
    format: entry.format,
    sizeBytes: entry.sizeBytes,
    maxFreshMs: entry.keptForMs,
  })
}

/** What a reader is given, with times that count from now. */
export function storedEntry(entry: LocalEntry, nowMs: number): StoredEntry {
  return {
    payload: entry.payload,
    format: entry.format,
    sizeBytes: entry.sizeBytes,
    freshForMs: entry.freshUntilMs - nowMs,
    keptForMs: entry.goneAtMs - nowMs,
    ageMs: nowMs - entry.bornAtMs,
    loadMs: entry.loadMs,
    revision: entry.revision,
    version: entry.version,
    tags: entry.tags,
    sequence: entry.sequence,
  }
}

/** What is written when an entry is given other remaining times. */
export function retimed(
  entry: LocalEntry,
  { freshForMs, keptForMs }: { readonly freshForMs: number; readonly keptForMs: number },
  nowMs: number,
): NewEntry {
  return { ...storedEntry(entry, nowMs), freshForMs, keptForMs }
}

/** The entry of a state: the one that holds it already, or a new one. */
export function stateEntry(
  present: Mutable<LocalEntry> | undefined,
  state: unknown,
  goneAtMs: number,
  sizeBytes: number,
): LocalEntry {
  if (present) {
    present.payload = state
    present.goneAtMs = goneAtMs
    return present
  }
  const facts = { fromMs: 0, sequence: 0, coherent: true, maxFreshMs: 0 }
  const written = { ...untold, payload: state, sizeBytes, freshForMs: 0, keptForMs: goneAtMs }
  return { ...localEntry('', written, { ...facts, ...written }), goneAtMs }
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** What nobody asks of a state. */
const untold = { format: valueFormat.state, ageMs: 0, loadMs: 0, revision: '', version: undefined, tags: [] }
