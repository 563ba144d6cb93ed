import { useEffect, useState } from 'react'

import type { MasterStatus } from './types.ts'

/** What the catalog of instruments is doing, as it does it. */
export function useMasterStatus(): MasterStatus | undefined {
  return useEvents('/web/master/stream') as MasterStatus | undefined
}

/** The latest event of a stream of the server; the browser connects again by itself when it breaks. */
function useEvents(path: string | undefined): unknown {
  const [event, setEvent] = useState<{ readonly path: string; readonly data: unknown }>()
  useEffect(() => {
    if (path === undefined) return undefined
    const source = new EventSource(path)
    source.addEventListener('message', ({ data }) => setEvent({ path, data: JSON.parse(String(data)) }))
    return () => source.close()
  }, [path])
  return event !== undefined && event.path === path ? event.data : undefined
}
