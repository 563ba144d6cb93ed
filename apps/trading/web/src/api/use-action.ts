import { useState } from 'react'

import { messageOf } from './client.ts'

export interface Action<Args extends readonly unknown[]> {
  readonly busy: boolean
  readonly fault: string | undefined
  readonly run: (...args: Args) => void
}

/** Something that a button does: once at a time, and with a word if it fails. */
export function useAction<Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<unknown>,
): Action<Args> {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const run = (...args: Args): void => {
    setBusy(true)
    setFault(undefined)
    work(...args).then(
      () => setBusy(false),
      (error: unknown) => {
        setBusy(false)
        setFault(messageOf(error))
      },
    )
  }
  return { busy, fault, run }
}
