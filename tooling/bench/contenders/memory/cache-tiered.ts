import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import type { Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'
import { contenderOf } from './cache.ts'

/** L1 in front of SQLite: its hits also see to it that they are not too far behind. */
export async function open(): Promise<MemoryContender> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-bench-'))
  process.on('exit', () => void rm(directory, { recursive: true }))
  const caches = await createCaches({ backend: sqlite({ directory }), l1: memory() })
  return contenderOf(caches.define<Quote>('quotes', { ttl: '1h' }))
}
