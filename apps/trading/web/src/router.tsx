import { type KeyboardEvent, type MouseEvent, type ReactNode, useSyncExternalStore } from 'react'

/** Path and query of the address bar. */
export function useAddress(): URL {
  const href = useSyncExternalStore(subscribe, () => window.location.href)
  return new URL(href)
}

export function navigate(address: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) window.history.replaceState(null, '', address)
  else window.history.pushState(null, '', address)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

interface LinkProps {
  readonly to: string
  readonly children: ReactNode
  readonly className?: string
  readonly current?: boolean
  readonly onKeyDown?: ((event: KeyboardEvent) => void) | undefined
  readonly 'data-cell'?: string
  readonly 'aria-label'?: string
}

/** A link within the page: no reload, and still a link to open elsewhere. */
export function Link({ to, children, current, ...others }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a {...others} href={to} aria-current={current === true ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  )
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener)
  return () => window.removeEventListener('popstate', listener)
}
