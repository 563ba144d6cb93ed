import { valueFormat as format, type CacheBackend, type EntryStore, type NewEntry } from '@cache/ports'
import type { CachesHealth } from './caches.ts'

/** The cache that the health check writes to. */
export const healthCacheName = 'cache-health'

/** Sets, reads and deletes an entry of its own key, so that several processes do not disturb each other. */
export async function checkHealth(
  backend: CacheBackend,
  open: () => EntryStore,
  id: string,
): Promise<CachesHealth> {
  const key = `probe-${id}`
  const set = await succeeds(async () => {
    const { outcomes } = await open().change([{ kind: 'set', key, entry: probeEntry(id) }])
    return outcomes[0] === 'applied'
  })
  const get = await succeeds(async () => (await open().read([key])).entries[0]?.revision === id)
  const deleted = await succeeds(
    async () => (await open().change([{ kind: 'delete', key }])).outcomes[0] === 'applied',
  )
  const report = await backend.health().catch(unhealthy)
  return {
    healthy: set && get && deleted && report.healthy,
    backend: backend.name,
    operations: { set, get, delete: deleted },
    details: report.details,
    warnings: report.warnings,
  }
}

function probeEntry(id: string): NewEntry {
  return {
    payload: 'true',
    format: format.json,
    sizeBytes: 4,
    freshForMs: 60_000,
    keptForMs: 60_000,
    ageMs: 0,
    loadMs: 0,
    revision: id,
    version: undefined,
    tags: [],
  }
}

async function succeeds(step: () => Promise<boolean>): Promise<boolean> {
  try {
    return await step()
  } catch {
    return false
  }
}

function unhealthy(error: unknown): Pick<CachesHealth, 'healthy' | 'details' | 'warnings'> {
  return {
    healthy: false,
    details: {},
    warnings: [error instanceof Error ? error.message : 'The backend failed'],
  }
}
