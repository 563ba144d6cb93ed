import { valueFormat, type NewEntry, type StateStore } from '@cache/core'

const payload = 'held'

/** The entry that a held lock is. Its revision is the holder's own, and nobody else can end it. */
export function lockEntry(state: StateStore, revision: string, ttlMs: number): NewEntry {
  return {
    payload,
    format: state.entries.payloads === 'live' ? valueFormat.live : valueFormat.state,
    sizeBytes: payload.length,
    freshForMs: ttlMs,
    keptForMs: ttlMs,
    ageMs: 0,
    loadMs: 0,
    revision,
    version: undefined,
    tags: [],
  }
}
