import { createStorage } from 'unstorage'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const storage = createStorage()
  return { set: (key, value) => storage.setItem(key, { ...value }), get: (key) => storage.getItem(key) }
}
