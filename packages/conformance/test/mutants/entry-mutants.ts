import type { StoreOptions } from '@cache/core'
import { keyed, reading, writing, type StoreMutant } from './store-mutant.ts'

const noOptions: StoreOptions = {
  cache: '',
  version: 1,
  maxEntries: 1,
  maxBytes: 1,
  onEvict: () => {},
}

/** Faults in what becomes of entries and their keys. */
export const entryMutants: Readonly<Record<string, StoreMutant>> = {
  'times to live are in seconds': writing((entry) => ({
    ...entry,
    freshForMs: entry.freshForMs * 1000,
    keptForMs: entry.keptForMs * 1000,
  })),
  'times to live are whole seconds': writing((entry) => ({
    ...entry,
    freshForMs: Math.ceil(entry.freshForMs / 1000) * 1000,
    keptForMs: Math.ceil(entry.keptForMs / 1000) * 1000,
  })),
  'a time to live overflows after 24.8 days': writing((entry) => ({
    ...entry,
    keptForMs: entry.keptForMs > 2_147_483_647 && entry.keptForMs < Infinity ? 1 : entry.keptForMs,
  })),
  'Infinity is a year': writing((entry) => ({
    ...entry,
    keptForMs: Math.min(entry.keptForMs, 31_536_000_000),
  })),
  'keptFor is ignored': writing((entry) => ({ ...entry, keptForMs: entry.freshForMs })),
  'the age of a load is forgotten': writing((entry) => ({ ...entry, ageMs: 0 })),
  'the load time is forgotten': writing((entry) => ({ ...entry, loadMs: 0 })),
  'the version is not stored': writing((entry) => ({ ...entry, version: undefined })),
  'the revision is made anew': writing((entry) => ({ ...entry, revision: `${entry.revision}'` })),
  'the tags of an entry are not stored': writing((entry) => ({ ...entry, tags: [] })),
  'only the first tag of an entry is stored': writing((entry) => ({
    ...entry,
    tags: entry.tags.slice(0, 1),
  })),
  'tags are compared without case': (store) => ({
    ...writing((entry) => ({ ...entry, tags: entry.tags.map((tag) => tag.toLowerCase()) }))(store, noOptions),
    scan: (request) => store.scan({ ...request, tag: request.tag?.toLowerCase() }),
  }),
  'text is stored as Latin-1': writing((entry) => ({
    ...entry,
    payload:
      typeof entry.payload === 'string'
        ? Buffer.from(entry.payload, 'latin1').toString('latin1')
        : entry.payload,
  })),
  'bytes are stored as text': writing((entry) => ({
    ...entry,
    payload: entry.payload instanceof Uint8Array ? Buffer.from(entry.payload).toString() : entry.payload,
  })),
  'the first byte is altered': reading((entry) => {
    if (!(entry.payload instanceof Uint8Array) || entry.payload.length === 0) return entry
    return {
      ...entry,
      payload: Uint8Array.from(entry.payload, (byte, index) => (index === 0 ? byte ^ 1 : byte)),
    }
  }),
  'trailing zero bytes are cut': reading((entry) => {
    if (!(entry.payload instanceof Uint8Array) || entry.payload.at(-1) !== 0) return entry
    return { ...entry, payload: entry.payload.subarray(0, -1) }
  }),
  'an empty payload is a miss': reading((entry) => {
    const { payload } = entry
    return payload === '' || (payload instanceof Uint8Array && payload.length === 0) ? undefined : entry
  }),
  'bytes are handed out by reference': (store) => {
    const shared = new Map<string, unknown>()
    return {
      read: async (keys) => {
        const reply = await store.read(keys)
        const entries = reply.entries.map((entry) => {
          if (!entry) return entry
          if (!shared.has(entry.revision)) shared.set(entry.revision, entry.payload)
          return { ...entry, payload: shared.get(entry.revision) }
        })
        return { ...reply, entries }
      },
    }
  },
  'the format is always JSON': reading((entry) => ({ ...entry, format: 2 })),
  'the remaining time is never below zero': reading((entry) => ({
    ...entry,
    freshForMs: Math.max(0, entry.freshForMs),
  })),
  'the remaining time is that at the write': reading((entry) => ({ ...entry, freshForMs: 3_600_000 })),
  'missing keys are left out of the reply': (store) => ({
    read: async (keys) => {
      const reply = await store.read(keys)
      return { ...reply, entries: reply.entries.filter((entry) => entry !== undefined) }
    },
  }),
  'a repeated key is read once': (store) => ({ read: (keys) => store.read([...new Set(keys)]) }),
  'a read stops at a thousand keys': (store) => ({ read: (keys) => store.read(keys.slice(0, 1000)) }),
  'keys are compared without case': keyed((key) => key.toLowerCase()),
  'keys are cut at 8 kB': keyed((key) => key.slice(0, 8192)),
  'keys are trimmed': keyed((key) => key.trim()),
  'keys are normalized': keyed((key) => key.normalize('NFC')),
  'keys end at a NUL': keyed((key) => key.split('\u0000')[0] ?? ''),
  'keys of objects collide with their prototypes': (store) => ({
    read: async (keys) => {
      const reply = await store.read(keys)
      const [first] = (await store.read(['a'])).entries
      return {
        ...reply,
        entries: reply.entries.map((entry, index) => (keys[index] === '__proto__' ? first : entry)),
      }
    },
  }),
}
