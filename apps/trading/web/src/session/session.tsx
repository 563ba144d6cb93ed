import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'

import { get, messageOf, post, rememberToken, signedOut } from '../api/client.ts'
import type { SessionAnswer, UserSettings } from '../api/types.ts'
import { priceFeed } from '../feed/price-feed.ts'

type SignedIn = Extract<SessionAnswer, { signedIn: true }>

export interface SessionState {
  /** `undefined` until the server has answered. */
  readonly session: SessionAnswer | undefined
  readonly fault: string | undefined
  readonly take: (session: SessionAnswer) => void
  readonly reload: () => void
}

const SessionContext = createContext<SessionState | undefined>(undefined)

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [session, setSession] = useState<SessionAnswer>()
  const [fault, setFault] = useState<string>()
  const take = useCallback((answer: SessionAnswer) => {
    rememberToken(answer)
    if (!answer.signedIn) priceFeed.close()
    setSession(answer)
    setFault(undefined)
  }, [])
  const reload = useCallback(() => {
    get<SessionAnswer>('/web/session').then(take, (error: unknown) => setFault(messageOf(error)))
  }, [take])
  useEffect(() => {
    reload()
    signedOut.addEventListener('signedout', reload)
    return () => signedOut.removeEventListener('signedout', reload)
  }, [reload])
  const state = useMemo(() => ({ session, fault, take, reload }), [session, fault, take, reload])
  return <SessionContext value={state}>{children}</SessionContext>
}

export function useSession(): SessionState {
  const state = useContext(SessionContext)
  if (state === undefined) throw new Error('useSession outside of SessionProvider')
  return state
}

/** Who is signed in; only for views that are shown to nobody else. */
export function useSignedIn(): SignedIn & { readonly change: (settings: Partial<UserSettings>) => void } {
  const { session, take } = useSession()
  if (session?.signedIn !== true) throw new Error('useSignedIn while signed out')
  const change = (changes: Partial<UserSettings>): void => {
    take({ ...session, settings: { ...session.settings, ...changes } })
    void post('/web/settings', changes).catch(() => undefined)
  }
  return { ...session, change }
}
