import { type ReactNode, Suspense, useEffect } from 'react'

import { ConnectionsPage } from './connections/connections-page.tsx'
import { Shell } from './layout/shell.tsx'
import { OrdersPage } from './orders/orders-page.tsx'
import { FailedView } from './parts/failed-view.tsx'
import { lazyView } from './parts/lazy-view.ts'
import { Loading } from './parts/loading.tsx'
import { Empty, Notice } from './parts/parts.tsx'
import { PositionsPage } from './positions/positions-page.tsx'
import { Link, useAddress } from './router.tsx'
import { SignInPage } from './session/sign-in-page.tsx'
import { useSession } from './session/session.tsx'
import { TradePage } from './trade/trade-page.tsx'

const OptionsPage = lazyView(async () => (await import('./options/options-page.tsx')).OptionsPage)
const StrategiesPage = lazyView(async () => (await import('./strategies/strategies-page.tsx')).StrategiesPage)
const SettingsPage = lazyView(async () => (await import('./settings/settings-page.tsx')).SettingsPage)
const CachesPage = lazyView(async () => (await import('./caches/caches-page.tsx')).CachesPage)

const views: Readonly<Record<string, { readonly title: string; readonly view: () => ReactNode }>> = {
  '/': { title: 'Trade', view: () => <TradePage /> },
  '/options': { title: 'Option chain', view: () => <OptionsPage /> },
  '/orders': { title: 'Orders', view: () => <OrdersPage /> },
  '/positions': { title: 'Positions', view: () => <PositionsPage /> },
  '/strategies': { title: 'Strategies', view: () => <StrategiesPage /> },
  '/connections': { title: 'Connections', view: () => <ConnectionsPage /> },
  '/settings': { title: 'Settings', view: () => <SettingsPage /> },
  '/caches': { title: 'Caches', view: () => <CachesPage /> },
}

/** The view that the address and the session ask for. */
export function Views() {
  const { session, fault, reload } = useSession()
  const { pathname } = useAddress()
  const place = views[pathname]
  useEffect(() => {
    const title = session?.signedIn === true ? (place?.title ?? 'Not found') : 'Sign in'
    document.title = `${title} · Trading`
  }, [place, session])
  if (fault !== undefined) return <Unreachable fault={fault} retry={reload} />
  if (session === undefined) return null
  if (!session.signedIn)
    return <SignInPage key={String(session.setUp)} kind={session.setUp ? 'sign-in' : 'setup'} />
  return (
    <Shell path={pathname}>
      <FailedView key={pathname}>
        <Suspense fallback={<Loading what="the page" />}>
          {place === undefined ? <NotFound /> : place.view()}
        </Suspense>
      </FailedView>
    </Shell>
  )
}

function NotFound() {
  return (
    <Empty title="There is no such page">
      <Link to="/">Go to the trading desk</Link>
    </Empty>
  )
}

function Unreachable({ fault, retry }: { readonly fault: string; readonly retry: () => void }) {
  return (
    <main className="gate">
      <div className="gate-card">
        <Notice kind="fault">{fault}</Notice>
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      </div>
    </main>
  )
}
