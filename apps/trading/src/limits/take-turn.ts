import { RequestFault } from '../server/request-fault.ts'
import type { MovingWindow } from './moving-window.ts'

/** OpenAlgo tells this time whatever the limit. */
const retryAfterSeconds = 60

/** @throws RequestFault 429 when there were too many lately */
export function takeTurn(limit: MovingWindow, key: string): void {
  if (limit.take(key)) return
  throw new RequestFault(429, 'Rate limit exceeded. Please slow down your requests.', { retryAfterSeconds })
}
