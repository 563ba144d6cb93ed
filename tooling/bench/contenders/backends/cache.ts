import { createCaches, type CacheBackend } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { sqlite } from '@cache/sqlite'
import { valkey } from '@cache/valkey'
import type { Quote } from '../../values.ts'
import type { BackendContender, BackendPlace } from '../../workloads/backends.ts'

/** The whole engine on one backend, without a tier in memory before it. */
export async function open(place: BackendPlace): Promise<BackendContender> {
  const caches = await createCaches({ backend: backendAt(place), prefix: 'bench' })
  const cache = caches.define<Quote>('quotes', { ttl: '1h' })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    delete: (key) => cache.delete(key),
    close: () => caches.close(),
  }
}

function backendAt({ backend, directory, url }: BackendPlace): CacheBackend {
  if (backend === 'memory') return memory()
  if (backend === 'sqlite') return sqlite({ directory })
  return backend === 'redis' ? redis({ url }) : valkey({ url })
}
