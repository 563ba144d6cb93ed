import { type Caches, createCaches } from '@cache/core'
import { memory } from '@cache/memory'

/** Caches of a test that needs no store. */
export function openMemoryCaches(): Promise<Caches> {
  return createCaches({ backend: memory() })
}
