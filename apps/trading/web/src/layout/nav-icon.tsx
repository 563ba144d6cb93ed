const paths = {
  Trade: 'M3 17l6-7 4 4 8-9M15 5h6v6',
  Options: 'M4 4v16h16M8 8h8M8 12h8M8 16h5',
  Orders: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  Positions: 'M4 20V10M10 20V4M16 20v-8M22 20H2',
  Strategies: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8',
  Connections: 'M9 7V3M15 7V3M7 7h10v4a5 5 0 0 1-10 0zM12 16v5',
  Settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  Caches: 'M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0zM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0',
  More: 'M5 12h.01M12 12h.01M19 12h.01',
} as const

export type NavIconName = keyof typeof paths

/** The sign of a place in the bar at the bottom of small screens. */
export function NavIcon({ name }: { readonly name: NavIconName }) {
  return (
    <svg className="nav-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
