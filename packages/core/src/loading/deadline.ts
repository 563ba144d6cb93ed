import { CacheError, type Timer } from '@cache/ports'

/** Aborts a flight at its hard timeout; `reached` rejects then, and when it is aborted for another reason. */
export function deadline(
  setTimer: (delayMs: number, callback: () => void) => Timer,
  hardTimeoutMs: number,
  flight: { readonly signal: AbortSignal; abort(reason: unknown): void },
): { readonly timer: Timer; readonly reached: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  flight.signal.addEventListener('abort', () => reject(flight.signal.reason as Error), { once: true })
  const timer = setTimer(hardTimeoutMs, () => {
    flight.abort(
      new CacheError('LOADER_TIMEOUT', `The loader took longer than its hard timeout of ${hardTimeoutMs} ms`),
    )
  })
  return { timer, reached: promise }
}
