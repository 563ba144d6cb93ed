import type { CachesHealth, Clock } from '@cache/core'

import type { AppCaches } from '../caches.ts'
import type { AuditTrail } from './audit-trail.ts'
import { CacheNews } from './cache-news.ts'
import { CacheSampler } from './cache-sampler.ts'
import { KeyRotation } from './key-rotation.ts'

/** What the cache console shows beyond the statistics of the caches. */
export interface CacheConsole {
  readonly sampler: CacheSampler
  readonly news: CacheNews
  readonly rotation: KeyRotation
  /** `undefined` where no audit is kept. */
  readonly audit: AuditTrail | undefined
  /** As `Caches.health`, which writes to the store: asked once in five seconds at most. */
  health(): Promise<CachesHealth>
  close(): Promise<void>
}

const healthForMs = 5000

export function openConsole(
  { all, protection }: AppCaches,
  clock: Clock,
  audit: AuditTrail | undefined,
): CacheConsole {
  const sampler = new CacheSampler(all, clock)
  const news = new CacheNews(all.prefix, clock)
  const rotation = new KeyRotation({ caches: all, protection, clock })
  let health: Promise<CachesHealth> | undefined
  let askedAtMs = 0
  return {
    sampler,
    news,
    rotation,
    audit,
    health: () => {
      const nowMs = clock.monotonicMs()
      if (health !== undefined && nowMs - askedAtMs < healthForMs) return health
      askedAtMs = nowMs
      health = all.health()
      return health
    },
    close: async () => {
      sampler.close()
      news.close()
      await rotation.close()
    },
  }
}
