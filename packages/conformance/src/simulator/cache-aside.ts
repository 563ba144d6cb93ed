import { CacheError, valueFormat } from '@cache/core'
import type { CacheKey, EntryStore, LoadContext, NewEntry } from '@cache/core'
import { storedKeyAt, tagsOf, type SimulatedCache } from './simulated-cache.ts'

export interface CacheAsideOptions {
  readonly store: EntryStore
  readonly newId: () => string
  readonly ttlMs: number
  readonly keys: number
  readonly tags: number
  /** One load of a key at a time in this process. */
  readonly mutex: boolean
}

/**
 * What most applications do: get; on a miss load and set; on a change delete. It must fail in the simulator, or the
 * simulator sees nothing.
 */
export function cacheAside(options: CacheAsideOptions): SimulatedCache {
  const { store, keys, tags } = options
  const loads = new Map<string, Promise<number | undefined>>()
  const remove = async (names: readonly string[]): Promise<void> => {
    await store.change(names.map((key) => ({ kind: 'delete', key })))
  }
  const get = async (key: CacheKey): Promise<number | undefined> => {
    const [value] = await readAll(store, [stored(key)])
    return value
  }
  const allKeys = Array.from({ length: keys }, (_, index) => index)
  return {
    peek: () => undefined,
    get,
    getMany: (wanted) => readAll(store, wanted.map(stored)),
    getOrLoad: async (key, loader) => {
      const name = stored(key)
      const load = async (): Promise<number | undefined> => {
        const cached = await get(key)
        if (cached !== undefined) return cached
        const loaded = await loader(plainContext(key))
        if (loaded !== undefined) await write(options, name, loaded)
        return loaded
      }
      if (!options.mutex) return load()
      const running = loads.get(name) ?? load().finally(() => loads.delete(name))
      loads.set(name, running)
      return running
    },
    set: (key, value) => write(options, stored(key), value),
    delete: async (key) => {
      await remove([stored(key)])
      return true
    },
    deleteMany: async (gone) => {
      await remove(gone.map(stored))
      return gone.length
    },
    deleteMatching: async (pattern) => {
      const gone = allKeys.map(storedKeyAt).filter((key) => key.startsWith(pattern.slice(0, -1)))
      await remove(gone)
      return gone.length
    },
    getWithMeta: async () => undefined,
    invalidateTags: (names) => {
      const touched = allKeys.filter((key) => tagsOf(key, tags).some((tag) => names.includes(tag)))
      return remove(touched.map(storedKeyAt))
    },
    clear: () => remove(allKeys.map(storedKeyAt)),
    expire: async (key) => {
      await remove([stored(key)])
      return true
    },
  }
}

async function write(options: CacheAsideOptions, key: string, value: number): Promise<boolean> {
  try {
    await options.store.change([{ kind: 'set', key, entry: entryOf(value, options) }])
    return true
  } catch {
    return false
  }
}

async function readAll(store: EntryStore, keys: readonly string[]): Promise<(number | undefined)[]> {
  try {
    const { entries } = await store.read(keys)
    return entries.map((entry) => entry && Number(entry.payload))
  } catch {
    return keys.map(() => undefined)
  }
}

function entryOf(value: number, { ttlMs, newId }: CacheAsideOptions): NewEntry {
  return {
    payload: String(value),
    format: valueFormat.json,
    sizeBytes: 8,
    freshForMs: ttlMs,
    keptForMs: ttlMs,
    ageMs: 0,
    loadMs: 0,
    revision: newId(),
    version: undefined,
    tags: [],
  }
}

function stored(key: CacheKey): string {
  return Array.isArray(key) ? key.join(':') : String(key)
}

function plainContext(key: CacheKey): LoadContext<number> {
  return {
    key,
    signal: new AbortController().signal,
    stale: undefined,
    skip: () => undefined,
    notModified: () => {
      throw new CacheError('LOADER_FAILED', 'there is no stale value to keep')
    },
    setTtl: () => undefined,
    setTags: () => undefined,
    setVersion: () => undefined,
  }
}
