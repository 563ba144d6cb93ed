import { useEffect, useState } from 'react'

import { get, RequestError } from '../api/client.ts'
import type { Quote } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'

export interface Leg {
  readonly symbol: string
  readonly exchange: string
  readonly lotSize: number
}

export interface ChainRow {
  readonly strike: number
  readonly ce?: Leg
  readonly pe?: Leg
}

export interface Chain {
  readonly underlying: string
  readonly exchange: string
  readonly expiry: string
  readonly atTheMoney: number
  /** Of the underlying. */
  readonly quote: Quote
  readonly rows: readonly ChainRow[]
}

interface Asked<T> {
  readonly data: T | undefined
  readonly error: RequestError | undefined
}

/** Where the money is moves slowly: strikes are chosen anew so often. */
const chainEveryMs = 15_000

export function useUnderlyings(exchange: string): Asked<readonly string[]> {
  const asked = useAsked<{ readonly underlyings: readonly string[] }>(
    `/web/options/underlyings?${new URLSearchParams({ exchange }).toString()}`,
  )
  return { ...asked, data: asked.data?.underlyings }
}

export function useExpiries(exchange: string, underlying: string | undefined): Asked<readonly string[]> {
  const query = underlying && new URLSearchParams({ exchange, underlying }).toString()
  const asked = useAsked<{ readonly expiries: readonly string[] }>(
    query === undefined ? undefined : `/web/options/expiries?${query}`,
  )
  return { ...asked, data: asked.data?.expiries }
}

export function useChain(exchange: string, underlying: string, expiry: string, around: number): Asked<Chain> {
  const query = new URLSearchParams({ exchange, underlying, expiry, around: String(around) })
  return usePolled<Chain>(`/web/options/chain?${query.toString()}`, chainEveryMs)
}

/** An answer that does not change while the page is open. */
function useAsked<T>(path: string | undefined): Asked<T> {
  const [answer, setAnswer] = useState<Asked<T> & { readonly path: string }>()
  useEffect(() => {
    if (path === undefined) return undefined
    const aborter = new AbortController()
    get<T>(path, aborter.signal).then(
      (data) => setAnswer({ path, data, error: undefined }),
      (error: unknown) => {
        if (error instanceof RequestError) setAnswer({ path, data: undefined, error })
      },
    )
    return () => aborter.abort()
  }, [path])
  return answer !== undefined && answer.path === path ? answer : { data: undefined, error: undefined }
}
