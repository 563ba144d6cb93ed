import { localEntry, valueFormat } from '@cache/core'
import type { Clock, EntryStore, Eviction, LocalEntry, NewEntry, StoreOptions } from '@cache/core'
import { ManualClock, newEntry } from '@cache/conformance'
import { memory, type Memory, type MemoryOptions } from '../src/index.ts'

/** An entry as the engine puts it into a local tier; fresh for an hour. */
export function tierEntry(key: string, fields: Partial<NewEntry> = {}): LocalEntry {
  const entry = newEntry({ format: valueFormat.live, sizeBytes: 100, ...fields })
  const { payload, format, sizeBytes } = entry
  const facts = { fromMs: 0, sequence: 0, coherent: true, maxFreshMs: Number.POSITIVE_INFINITY }
  return localEntry(key, entry, { ...facts, payload, format, sizeBytes })
}

export interface Started {
  readonly backend: Memory
  readonly clock: ManualClock
  readonly evictions: Eviction[]
  store(options?: Partial<StoreOptions>): EntryStore
}

/** A started memory backend on a clock that stands still. */
export async function started(options: MemoryOptions = {}): Promise<Started> {
  const backend = memory(options)
  const clock = new ManualClock()
  await backend.start({ prefix: 'p', clock: clock satisfies Clock, report: () => {} })
  const evictions: Eviction[] = []
  const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
  const onEvict = (eviction: Eviction): void => void evictions.push(eviction)
  const store = (own: Partial<StoreOptions> = {}): EntryStore =>
    backend.store({ cache: 'c', version: 1, ...limits, onEvict, ...own })
  return { backend, clock, evictions, store }
}

export function keysNamed(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(6, '0')}`)
}
