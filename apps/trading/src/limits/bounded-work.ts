import { RequestFault } from '../server/request-fault.ts'

export interface WorkBounds {
  /** Tasks that run at one time. */
  readonly atOnce: number
  /** Tasks that may wait for their turn; what comes beyond is refused. */
  readonly waiting: number
}

/**
 * Runs work that is dear, a few tasks at a time: whoever sends much of it waits, and does not take the machine from
 * everybody else.
 */
export function boundedWork({ atOnce, waiting }: WorkBounds): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0
  const queue: (() => void)[] = []
  return async (task) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) {
        throw new RequestFault(503, 'Too much is asked at once; try again in a moment', {
          code: 'BUSY',
          retryAfterSeconds: 5,
        })
      }
      await new Promise<void>((resolve) => void queue.push(resolve))
    } else running++
    try {
      return await task()
    } finally {
      const next = queue.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
