import { useEffect, useState, useSyncExternalStore } from 'react'

import { type Polled, usePolled } from '../api/use-polled.ts'
import { instances } from './instances.ts'

/** Every answer of the console tells whose it is. */
interface Told {
  readonly instance: string
}

function subscribe(listener: () => void): () => void {
  return instances.subscribe(listener)
}

export function useInstances(): { readonly seen: readonly string[]; readonly chosen: string | undefined } {
  const seen = useSyncExternalStore(subscribe, () => instances.seen)
  const chosen = useSyncExternalStore(subscribe, () => instances.chosen)
  return { seen, chosen }
}

/** As `usePolled`, of the chosen instance alone; asked the more often, the more instances answer in turn. */
export function useConsole<T>(path: string, intervalMs: number): Polled<T> {
  const { seen, chosen } = useInstances()
  const { data, put, ...others } = usePolled<T & Told>(path, intervalMs / Math.max(1, seen.length))
  const [answers, setAnswers] = useState<ReadonlyMap<string, T>>(new Map())
  useEffect(() => setAnswers(new Map()), [path])
  useEffect(() => {
    if (data === undefined) return
    instances.note(data.instance)
    setAnswers((before) => new Map(before).set(data.instance, data))
  }, [data])
  return {
    ...others,
    data: chosen === undefined ? undefined : answers.get(chosen),
    /** What an instance did is shown as that one tells it. */
    put: (answer) => {
      const told = answer as T & Told
      instances.choose(told.instance)
      put(told)
    },
  }
}
