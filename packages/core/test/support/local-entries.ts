import { localEntry, valueFormat, type LocalEntry, type LocalTier } from '@cache/ports'
import { memory } from '../../../memory/src/index.ts'

export function newTier(): LocalTier {
  const options = { cache: 'values', maxEntries: 100_000, maxBytes: Infinity, onEvict: () => undefined }
  return memory().createTier(options)
}

/** An entry that reflects the store at a sequence. */
export function entryAt(key: string, sequence: number, tags: readonly string[] = []): LocalEntry {
  const stored = { payload: '1', sizeBytes: 1, format: valueFormat.json, freshForMs: 1e6, keptForMs: 1e6 }
  const written = { ...stored, ageMs: 0, loadMs: 0, revision: 'r', version: undefined, tags }
  const facts = {
    payload: 1,
    format: valueFormat.live,
    sizeBytes: 8,
    fromMs: 0,
    maxFreshMs: 1e6,
    sequence,
    coherent: true,
  }
  return localEntry(key, written, facts)
}
