import { cachified } from '@epic-web/cachified'
import { neverLoaded, ttlMs } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

/** Over a Map, as its readme shows. */
export function open(): MemoryContender {
  const map = new Map()
  const cache = { get: (key: string) => map.get(key), set: map.set.bind(map), delete: map.delete.bind(map) }
  return {
    set: (key, value) => map.set(key, { value, metadata: { createdTime: Date.now(), ttl: ttlMs, swr: 0 } }),
    getOrLoad: (key) => cachified({ key, cache, ttl: ttlMs, getFreshValue: neverLoaded }),
  }
}
