import { useEffect, useState } from 'react'

import type { NewsItem } from '../api/types.ts'

const kept = 200

/** The latest news of the caches, the newest first, as they happen. */
export function useNews(): { readonly news: readonly NewsItem[]; readonly isConnected: boolean } {
  const [news, setNews] = useState<readonly NewsItem[]>([])
  const [isConnected, setIsConnected] = useState(false)
  useEffect(() => {
    const source = new EventSource('/web/caches/news')
    source.addEventListener('open', () => setIsConnected(true))
    source.addEventListener('error', () => setIsConnected(false))
    source.addEventListener('message', ({ data }) => {
      const { news: added } = JSON.parse(String(data)) as { readonly news: readonly NewsItem[] }
      // A connection that was made again begins with what may be known already, or with the numbers of a new process.
      setNews((before) => {
        const known = new Set(before.map(identityOf))
        return [...added.filter((item) => !known.has(identityOf(item))).toReversed(), ...before].slice(
          0,
          kept,
        )
      })
    })
    return () => source.close()
  }, [])
  return { news, isConnected }
}

function identityOf({ id, atMs }: NewsItem): string {
  return `${id}/${atMs}`
}
