import { createCaches, type Cache, type Caches } from '@cache/core'
import { memory } from '@cache/memory'
import { expect } from 'vitest'
import { pubSub, type PubSubBackend } from '../../src/pubsub/index.ts'
import { clusterPatience as patience } from './patience.ts'

/** Opens caches that notice foreign writers, and closes all of them. */
export class Watched {
  readonly #opened: Caches[] = []

  /** Only messages are fast enough for the tests: L1 would answer for an hour. */
  async open(backend: PubSubBackend & Parameters<typeof createCaches>[0]['backend']): Promise<Caches> {
    const caches = await createCaches({
      backend,
      l1: memory(),
      transport: pubSub({ backend, tracking: true }),
      within: '1h',
      resilience: { openFor: 50 },
    })
    this.#opened.push(caches)
    return caches
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((caches) => caches.close()))
  }
}

/** Waits until the server is watched: what a foreign writer removes leaves L1. */
export async function watching(
  cache: Cache<string>,
  removeAsForeign: (key: string) => Promise<unknown>,
): Promise<void> {
  await expect
    .poll(async () => {
      await hold(cache, 'watched')
      await removeAsForeign('watched')
      await new Promise((resolve) => setTimeout(resolve, 50))
      return cache.peek('watched')
    }, patience)
    .toBe(undefined)
}

/** Puts an entry into the store and into L1. */
export async function hold(cache: Cache<string>, key: string): Promise<void> {
  await expect
    .poll(async () => {
      await cache.set(key, 'v').catch(() => undefined)
      return cache.peek(key)
    }, patience)
    .toBe('v')
}
