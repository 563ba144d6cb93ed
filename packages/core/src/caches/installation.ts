import { valueFormat as format, type EntryStore } from '@cache/ports'

/** The cache in which a backend keeps whose entries it holds. */
export const installationCacheName = 'cache-installation'

const key = 'id'

/** The installation whose sealed entries the backend holds, so that a key is not replaced while they need it. */
export async function readInstallation(store: EntryStore): Promise<string | undefined> {
  const [entry] = (await store.read([key])).entries
  return typeof entry?.payload === 'string' ? entry.payload : undefined
}

/** @throws CacheError when the backend does not acknowledge it */
export async function writeInstallation(store: EntryStore, id: string, revision: string): Promise<void> {
  const entry = {
    payload: id,
    format: format.json,
    sizeBytes: id.length,
    freshForMs: Number.POSITIVE_INFINITY,
    keptForMs: Number.POSITIVE_INFINITY,
    ageMs: 0,
    loadMs: 0,
    revision,
    version: undefined,
    tags: [],
  }
  await store.change([{ kind: 'set', key, entry }])
}
