import type { Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

/** The floor: what `await` alone costs on top of a Map. */
export function open(): MemoryContender {
  const map = new Map<string, Quote>()
  return {
    set: (key, value) => map.set(key, value),
    get: async (key) => map.get(key),
  }
}
