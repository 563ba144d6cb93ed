import type { Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const map = new Map<string, Quote>()
  return { set: (key, value) => map.set(key, value), peek: (key) => map.get(key) }
}
