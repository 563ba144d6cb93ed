import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCaches, systemClock, type CacheBackend } from '@cache/core'
import { BackendEntries, migrateEntries } from '@cache/transfer'
import { redis } from '@cache/redis'
import { sqlite } from '@cache/sqlite'
import { keyOf, quoteOf, type Quote } from '../../values.ts'

/** Fills a SQLite file, which is then moved. */
export async function open(entries: number, url: string): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-bench-'))
  process.on('exit', () => void rm(directory, { recursive: true }))
  const caches = await createCaches({ backend: sqlite({ directory }) })
  const quotes = caches.define<Quote>('quotes', { ttl: '1h' })
  for (let from = 0; from < entries; from += 1000) {
    const batch = Array.from({ length: 1000 }, (_, index) => {
      return [keyOf(from + index), quoteOf(from + index)] as const
    })
    await quotes.setMany(batch, { tags: ['quotes'] })
  }
  await caches.close()
  const source = await started(sqlite({ directory }))
  const target = await started(redis({ url }))
  return async () => {
    await migrateEntries(source, target)
  }
}

async function started(backend: CacheBackend): Promise<BackendEntries> {
  await backend.start({ prefix: 'bench', clock: systemClock, report: () => undefined })
  return new BackendEntries(backend)
}
