import type { LocalTier } from '@cache/core'

export function forwardingTier(tier: LocalTier): LocalTier {
  return {
    get: (key) => tier.get(key),
    peek: (key) => tier.peek(key),
    set: (key, entry) => tier.set(key, entry),
    delete: (key) => tier.delete(key),
    clear: () => tier.clear(),
    entries: () => tier.entries(),
    get size() {
      return tier.size
    },
    get sizeBytes() {
      return tier.sizeBytes
    },
  }
}
