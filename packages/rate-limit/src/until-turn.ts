import { CacheError, type Clock } from '@cache/core'

/**
 * Resolves after `waitMs`.
 *
 * @throws CacheError `ABORTED` when the signal is; `CLOSED` when the caches were closed meanwhile
 */
export async function untilTurn(
  clock: Clock,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (waitMs <= 0) return
  const turnMs = clock.monotonicMs() + waitMs
  // The timers of the clock keep no process alive; one that waits for its turn has something to do.
  const alive = setInterval(() => undefined, 2 ** 30)
  const turn = new Promise<void>((resolve, reject) => {
    const timer = clock.setTimer(Math.ceil(waitMs), () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    const abort = (): void => {
      timer.cancel()
      reject(new CacheError('ABORTED', 'The caller aborted the call', { cause: signal?.reason }))
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
  await turn.finally(() => clearInterval(alive))
  // Timers of the caches fire at once when these are closed.
  if (clock.monotonicMs() < turnMs - 1) throw new CacheError('CLOSED', 'The caches were closed')
}
