import type { RateLimiter } from '@cache/rate-limit'

import { RequestFault } from '../server/request-fault.ts'

/** OpenAlgo tells this time whatever the limit. */
const retryAfterSeconds = 60

/** @throws RequestFault 429 when there were too many lately, at all instances together */
export async function takeTurn(limit: RateLimiter, key: string): Promise<void> {
  const { allowed } = await limit.consume(key)
  if (allowed) return
  throw new RequestFault(429, 'Rate limit exceeded. Please slow down your requests.', { retryAfterSeconds })
}
