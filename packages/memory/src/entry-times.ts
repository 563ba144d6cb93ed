import { localEntry, valueFormat, type LocalEntry, type NewEntry, type StoredEntry } from '@cache/ports'

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

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Gives the entry of a state what the state has become, and another time. */
export function moveState(entry: Mutable<LocalEntry>, state: unknown, goneAtMs: number): void {
  entry.payload = state
  entry.goneAtMs = Math.ceil(goneAtMs)
}

/** The entry of a new state. */
export function stateEntry(state: unknown, goneAtMs: number, sizeBytes: number): LocalEntry {
  const written = { ...untold, payload: state, sizeBytes, freshForMs: 0, keptForMs: Math.ceil(goneAtMs) }
  return localEntry('', written, { fromMs: 0, sequence: 0, coherent: true, maxFreshMs: 0, ...written })
}

/** What nobody asks of a state. */
const untold = { format: valueFormat.state, ageMs: 0, loadMs: 0, revision: '', version: undefined, tags: [] }
