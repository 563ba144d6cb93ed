import { type ReactNode, useEffect, useRef } from 'react'

import { post } from '../api/client.ts'
import type { SessionAnswer } from '../api/types.ts'
import { useSession, useSignedIn } from '../session/session.tsx'
import { Brand } from './brand.tsx'
import { MainNav, type Place } from './main-nav.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

const places: readonly Place[] = [
  { path: '/', name: 'Trade' },
  { path: '/options', name: 'Options' },
  { path: '/orders', name: 'Orders' },
  { path: '/positions', name: 'Positions' },
  { path: '/strategies', name: 'Strategies' },
  { path: '/connections', name: 'Connections' },
  { path: '/settings', name: 'Settings' },
  { path: '/caches', name: 'Caches' },
]

/** What surrounds every view: where one can go, and who one is. */
export function Shell({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  const { user } = useSignedIn()
  const { take } = useSession()
  const main = useRef<HTMLElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current !== path) main.current?.focus()
    shown.current = path
  }, [path])
  const visible = places.filter((place) => place.path !== '/caches' || user.isAdmin)
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top">
        <Brand />
        <MainNav places={visible} path={path} />
        <div className="who">
          <span className="who-name">{user.name}</span>
          <ThemeSwitch />
          <button
            type="button"
            className="button button-quiet"
            onClick={() => void post<SessionAnswer>('/web/sign-out').then(take, () => undefined)}
          >
            Sign out
          </button>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className="page">
        {children}
      </main>
    </>
  )
}
