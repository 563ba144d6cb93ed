import { type KeyboardEvent, useEffect, useRef, useState } from 'react'

import { Link } from '../router.tsx'
import { NavIcon, type NavIconName } from './nav-icon.tsx'

export interface Place {
  readonly path: string
  readonly name: NavIconName
}

interface MainNavProps {
  readonly places: readonly Place[]
  readonly path: string
}

/** How many places the bar of a small screen has room for, beside “More”. */
const inBar = 4

/** Where one can go. On small screens the first places are a bar at the bottom, and the others open from “More”. */
export function MainNav({ places, path }: MainNavProps) {
  const [isOpen, setIsOpen] = useState(false)
  const nav = useRef<HTMLElement>(null)
  const more = useRef<HTMLButtonElement>(null)
  const others = places.slice(inBar)
  useEffect(() => setIsOpen(false), [path])
  useEffect(() => {
    if (!isOpen) return undefined
    const close = (event: PointerEvent): void => {
      if (event.target instanceof Node && nav.current?.contains(event.target) !== true) setIsOpen(false)
    }
    window.addEventListener('pointerdown', close)
    return () => window.removeEventListener('pointerdown', close)
  }, [isOpen])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return
    setIsOpen(false)
    more.current?.focus()
  }
  return (
    <nav className="nav" aria-label="Main" ref={nav} onKeyDown={onKeyDown}>
      {places.slice(0, inBar).map((place) => (
        <NavLink key={place.path} {...{ place, path }} />
      ))}
      <button
        ref={more}
        type="button"
        className="nav-more"
        aria-expanded={isOpen}
        aria-controls="nav-others"
        data-current={others.some((place) => place.path === path)}
        onClick={() => setIsOpen(!isOpen)}
      >
        <NavIcon name="More" />
        <span>More</span>
      </button>
      <div id="nav-others" className="nav-others" data-open={isOpen}>
        {others.map((place) => (
          <NavLink key={place.path} {...{ place, path }} />
        ))}
      </div>
    </nav>
  )
}

function NavLink({ place, path }: { readonly place: Place; readonly path: string }) {
  return (
    <Link to={place.path} current={place.path === path}>
      <NavIcon name={place.name} />
      <span>{place.name}</span>
    </Link>
  )
}
