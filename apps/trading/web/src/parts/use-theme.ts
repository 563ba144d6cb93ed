import { useSyncExternalStore } from 'react'

import { useSignedIn } from '../session/session.tsx'

const query = '(prefers-color-scheme: dark)'

/** Which colours are shown now: the user's choice, or the system's. */
export function useTheme(): 'light' | 'dark' {
  const { theme } = useSignedIn().settings
  const systemIsDark = useSyncExternalStore(subscribe, () => window.matchMedia(query).matches)
  if (theme !== 'system') return theme
  return systemIsDark ? 'dark' : 'light'
}

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(query)
  media.addEventListener('change', listener)
  return () => media.removeEventListener('change', listener)
}
