import { useEffect, useState } from 'react'

/** The latest event of a stream of the server; the browser connects again by itself when it breaks. */
export function useEvents<T>(path: string | undefined): T | undefined {
  const [event, setEvent] = useState<{ readonly path: string; readonly data: T }>()
  useEffect(() => {
    if (path === undefined) return undefined
    const source = new EventSource(path)
    source.addEventListener('message', ({ data }) => setEvent({ path, data: JSON.parse(String(data)) as T }))
    return () => source.close()
  }, [path])
  return event !== undefined && event.path === path ? event.data : undefined
}
