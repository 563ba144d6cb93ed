import { useEffect } from 'react'

import { useSignedIn } from '../session/session.tsx'

const order = ['system', 'light', 'dark'] as const
const signs = { system: '◐', light: '☀', dark: '☾' } as const

/** Goes through system, light and dark; the choice follows its user to other browsers. */
export function ThemeSwitch() {
  const { settings, change } = useSignedIn()
  const { theme } = settings
  useEffect(() => applyTheme(theme), [theme])
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'system'
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => change({ theme: next })}
    >
      <span aria-hidden="true">{signs[theme]}</span>
    </button>
  )
}

function applyTheme(theme: keyof typeof signs): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme
  localStorage.setItem('theme', theme)
}
