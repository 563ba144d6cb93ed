import { useEffect, useState } from 'react'

import { get, RequestError } from '../api/client.ts'
import type { SearchAnswer } from '../api/types.ts'

const typingPauseMs = 70

export interface Search {
  readonly answer: SearchAnswer | undefined
  readonly fault: string | undefined
}

/** What matches the query; earlier results stay until newer ones are there. */
export function useSearch(query: string, exchange: string): Search {
  const [search, setSearch] = useState<Search>({ answer: undefined, fault: undefined })
  const wanted = query.trim()
  useEffect(() => {
    if (wanted === '') {
      setSearch({ answer: undefined, fault: undefined })
      return undefined
    }
    const aborter = new AbortController()
    const ask = async (): Promise<void> => {
      const parameters = new URLSearchParams({ q: wanted, exchange }).toString()
      try {
        const answer = await get<SearchAnswer>(`/web/symbols?${parameters}`, aborter.signal)
        setSearch({ answer, fault: undefined })
      } catch (error) {
        if (error instanceof RequestError) setSearch({ answer: undefined, fault: error.message })
      }
    }
    const timer = setTimeout(() => void ask(), typingPauseMs)
    return () => {
      clearTimeout(timer)
      aborter.abort()
    }
  }, [wanted, exchange])
  return search
}
