import { systemClock, type CacheBackend, type EntryStore } from '@cache/core'
import { sqlite, type Durability } from '../../src/index.ts'

/** The store that a child process works on, in the directory given to it. */
export async function childStore(
  directory: string,
  durability: Durability = 'normal',
): Promise<{ readonly backend: CacheBackend; readonly store: EntryStore }> {
  const backend = sqlite({ directory, durability, lockTimeout: '30s' })
  await backend.start({ prefix: 'test', clock: systemClock, report: () => undefined })
  const store = backend.store({
    cache: 'cases',
    version: 1,
    maxEntries: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    onEvict: () => undefined,
  })
  return { backend, store }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

export async function heard(): Promise<string> {
  return new Promise((resolve) => {
    process.stdin.once('data', (data) => resolve(String(data).trim()))
  })
}
