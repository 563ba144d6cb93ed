import { useEffect, useState } from 'react'

import type { NewsItem } from '../api/types.ts'

const kept = 200

export interface News {
  /** The newest first. */
  readonly news: readonly NewsItem[]
  /** Whose news they are; `undefined` while not connected. */
  readonly instance: string | undefined
}

/** The latest news of the caches, the newest first, as they happen. */
export function useNews(): News {
  const [news, setNews] = useState<readonly NewsItem[]>([])
  const [instance, setInstance] = useState<string>()
  useEffect(() => {
    const source = new EventSource('/web/caches/news')
    source.addEventListener('error', () => setInstance(undefined))
    source.addEventListener('message', ({ data }) => {
      const { news: added, instance: teller } = JSON.parse(String(data)) as News
      if (teller !== undefined) setInstance(teller)
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
  return { news, instance }
}

function identityOf({ id, atMs }: NewsItem): string {
  return `${id}/${atMs}`
}
