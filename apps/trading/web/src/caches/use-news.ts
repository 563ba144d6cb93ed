import { useEffect, useState } from 'react'

import type { NewsItem } from '../api/types.ts'
import { instances } from './instances.ts'
import { useInstances } from './use-console.ts'

const kept = 200
const askAgainMs = 250

export interface News {
  /** The newest first. */
  readonly news: readonly NewsItem[]
  /** Whose news they are; `undefined` while not connected. */
  readonly instance: string | undefined
}

/** The latest news of the chosen instance's caches, the newest first, as they happen. */
export function useNews(): News {
  const { chosen } = useInstances()
  const [news, setNews] = useState<readonly NewsItem[]>([])
  const [instance, setInstance] = useState<string>()
  useEffect(() => {
    setNews([])
    return readNews(chosen, setInstance, (added) =>
      // A connection that was made again begins with what may be known already, or with the numbers of a new process.
      setNews((before) => {
        const known = new Set(before.map(identityOf))
        return [...added.filter((item) => !known.has(identityOf(item))).toReversed(), ...before].slice(
          0,
          kept,
        )
      }),
    )
  }, [chosen])
  return { news, instance }
}

/** Connects until it is to the wanted instance: behind a load balancer each connection may be to another. */
function readNews(
  wanted: string | undefined,
  onInstance: (instance: string | undefined) => void,
  onNews: (added: readonly NewsItem[]) => void,
): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const connect = (): void => {
    const current = new EventSource('/web/caches/news')
    source = current
    current.addEventListener('error', () => onInstance(undefined))
    current.addEventListener('message', ({ data }) => {
      const { news, instance } = JSON.parse(String(data)) as News
      if (instance !== undefined) {
        instances.note(instance)
        if (wanted !== undefined && instance !== wanted) {
          current.close()
          timer = setTimeout(connect, askAgainMs)
          return
        }
        onInstance(instance)
      }
      onNews(news)
    })
  }
  connect()
  return () => {
    clearTimeout(timer)
    source?.close()
    onInstance(undefined)
  }
}

function identityOf({ id, atMs }: NewsItem): string {
  return `${id}/${atMs}`
}
