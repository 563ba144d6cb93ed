import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCaches, type Cache, type CacheBackend } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { onTestFinished } from 'vitest'

export const backends: readonly (readonly [name: string, open: () => CacheBackend])[] = [
  ['memory', () => memory()],
  ['sqlite', () => sqlite({ directory: temporaryDirectory() })],
]

/** A cache in which entries live for ever, as Keyv means it. */
export async function openCache(backend: CacheBackend = memory()): Promise<Cache<unknown>> {
  const caches = await createCaches({ backend })
  onTestFinished(() => caches.close())
  return caches.define('keyv', { ttl: Number.POSITIVE_INFINITY })
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keyv-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}
