import { useCallback, useEffect, useState } from 'react'

import { get, RequestError } from './client.ts'

export interface Polled<T> {
  readonly data: T | undefined
  readonly error: RequestError | undefined
  /** Asks again at once. */
  readonly refresh: () => void
  /** Puts an answer in place that a change gave. */
  readonly put: (data: T) => void
}

/** Keeps an answer of the server up to date while the page is visible. */
export function usePolled<T>(path: string, intervalMs: number): Polled<T> {
  const [data, put] = useState<T>()
  const [error, setError] = useState<RequestError>()
  const [round, setRound] = useState(0)
  useEffect(() => {
    const aborter = new AbortController()
    const ask = async (): Promise<void> => {
      if (document.hidden) return
      try {
        const answer = await get<T>(path, aborter.signal)
        if (aborter.signal.aborted) return
        put(answer)
        setError(undefined)
      } catch (fault) {
        if (fault instanceof RequestError) setError(fault)
      }
    }
    void ask()
    const timer = setInterval(() => void ask(), intervalMs)
    return () => {
      clearInterval(timer)
      aborter.abort()
    }
  }, [path, intervalMs, round])
  const refresh = useCallback(() => setRound((count) => count + 1), [])
  return { data, error, refresh, put }
}
