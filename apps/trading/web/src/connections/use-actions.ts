import { useState } from 'react'

import { messageOf, post } from '../api/client.ts'

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

/** Leaves for the broker's own page. */
export function useConnect(): Action<[]> {
  return useAction(async () => {
    const { url } = await post<{ readonly url: string }>('/web/broker/connect')
    window.location.assign(url)
  })
}

export function useDownload(): Action<[force: boolean]> {
  return useAction((force: boolean) => post('/web/master/download', { force }))
}
