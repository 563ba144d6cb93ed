import { type BackendContext, type CacheBackend, type EntryStore, systemClock } from '@cache/core'
import type { RespBackend } from '@cache/resp'

/** A backend of one process, with the store of one cache. */
export interface Started {
  readonly backend: RespBackend
  readonly store: EntryStore
  /** What it reported. */
  readonly reports: readonly string[]
}

export function contextOf(reports: string[] = []): BackendContext {
  return { prefix: 'app', clock: systemClock, report: (message) => void reports.push(message) }
}

/** Starts a backend and opens the store of one cache. */
export async function started(backend: RespBackend, cache = 'users'): Promise<Started> {
  const reports: string[] = []
  await backend.start(contextOf(reports))
  return { backend, store: storeOf(backend, cache), reports }
}

export function storeOf(
  backend: CacheBackend,
  cache = 'users',
  limits = Number.POSITIVE_INFINITY,
): EntryStore {
  return backend.store({
    cache,
    version: 1,
    maxEntries: limits,
    maxBytes: Number.POSITIVE_INFINITY,
    onEvict: () => {},
  })
}

/** Calls until it does not reject; what it rejects with meanwhile is returned as well. */
export async function eventually<T>(
  call: () => Promise<T>,
): Promise<{ readonly value: T; readonly errors: readonly unknown[] }> {
  const errors: unknown[] = []
  const startedAt = performance.now()
  for (;;) {
    try {
      return { value: await call(), errors }
    } catch (error) {
      errors.push(error)
      if (performance.now() - startedAt > 60_000) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
