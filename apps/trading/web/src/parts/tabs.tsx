import { type KeyboardEvent, useEffect, useRef } from 'react'

import { Link, useAddress } from '../router.tsx'

interface TabsProps {
  readonly label: string
  /** Of the page; each tab is an address. */
  readonly path: string
  /** The first is shown when the address names none. */
  readonly tabs: Readonly<Record<string, string>>
}

/** Parts of a page side by side: links, so that each can be opened elsewhere; arrow keys move between them. */
export function Tabs({ label, path, tabs }: TabsProps) {
  const current = useTab(tabs)
  const nav = useRef<HTMLElement>(null)
  // On a small screen the row may be longer than the window. `scrollIntoView` would have Tab begin here, past the links
  // above.
  useEffect(() => {
    const row = nav.current
    const tab = row?.querySelector('[aria-current]')?.getBoundingClientRect()
    if (row === null || tab === undefined) return
    const frame = row.getBoundingClientRect()
    row.scrollLeft += Math.min(0, tab.left - frame.left) + Math.max(0, tab.right - frame.right)
  }, [current])
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const links = [...event.currentTarget.querySelectorAll('a')]
    const at = links.indexOf(document.activeElement as HTMLAnchorElement)
    links.at((at + step) % links.length)?.focus()
    event.preventDefault()
  }
  return (
    <nav ref={nav} className="tabs" aria-label={label} onKeyDown={move}>
      {Object.entries(tabs).map(([name, title], index) => (
        <Link key={name} to={index === 0 ? path : `${path}?view=${name}`} current={name === current}>
          {title}
        </Link>
      ))}
    </nav>
  )
}

/** Which tab the address names. */
export function useTab<Name extends string>(tabs: Readonly<Record<Name, string>>): Name {
  const asked = useAddress().searchParams.get('view')
  const names = Object.keys(tabs) as Name[]
  return names.find((name) => name === asked) ?? (names[0] as Name)
}
