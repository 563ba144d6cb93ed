import { createCaches } from '@cache/core'
import { sqlite } from '@cache/sqlite'
import { leaseMs, type StampedeContender } from '../../workloads/stampede.ts'

export async function open(directory: string): Promise<StampedeContender> {
  const caches = await createCaches({ backend: sqlite({ directory, lockTimeout: '30s' }) })
  const cache = caches.define<string>('values', { ttl: '1h', loading: { leaseTime: leaseMs } })
  return { getOrLoad: (key, load) => cache.getOrLoad(key, load), close: () => caches.close() }
}
