import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'

import type { ListedInstrument } from '../api/types.ts'
import { count } from '../format.ts'
import { useSignedIn } from '../session/session.tsx'
import { keyOf } from './instrument-text.ts'
import { SearchResults } from './search-results.tsx'
import { useSearch } from './use-search.ts'

interface SearchPanelProps {
  readonly exchanges: readonly string[]
  readonly instruments: number
  readonly chosen: string | undefined
  readonly onChoose: (key: string) => void
  /** Shown while nothing is searched for. */
  readonly idle: ReactNode
}

/** Search as you type: arrow keys move, Enter chooses, "/" comes back from anywhere. */
export function SearchPanel({ exchanges, instruments, chosen, onChoose, idle }: SearchPanelProps) {
  const { settings, change } = useSignedIn()
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const box = useRef<HTMLInputElement>(null)
  const exchange = exchanges.includes(settings.searchExchange) ? settings.searchExchange : ''
  const { answer, fault } = useSearch(query, exchange)
  useSlashKey(box)
  const results = answer?.results ?? []
  const choose = (instrument: ListedInstrument | undefined): void => {
    if (instrument !== undefined) onChoose(keyOf(instrument))
  }
  const suggest = (text: string): void => {
    setQuery(text)
    box.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && results.length > 0) setActive((active + step + results.length) % results.length)
    else if (event.key === 'Enter') choose(results[active])
    else if (event.key === 'Escape') setQuery('')
    else return
    event.preventDefault()
  }
  return (
    <search className="search">
      <div className="search-bar">
        <QueryBox
          box={box}
          query={query}
          placeholder={`Search ${count(instruments)} instruments`}
          active={results.length > 0 ? active : undefined}
          autoFocus={chosen === undefined}
          onKeyDown={onKeyDown}
          onQuery={(text) => {
            setQuery(text)
            setActive(0)
          }}
        />
        <ExchangeFilter
          exchanges={exchanges}
          value={exchange}
          onChange={(next) => change({ searchExchange: next })}
        />
      </div>
      <SearchResults
        {...{ query, answer, fault, active, chosen, exchange, onChoose: choose, onPoint: setActive }}
        onSuggest={suggest}
      />
      {query.trim() === '' && idle}
    </search>
  )
}

interface QueryBoxProps {
  readonly box: RefObject<HTMLInputElement | null>
  readonly query: string
  readonly placeholder: string
  /** Index of the marked result; `undefined` without results. */
  readonly active: number | undefined
  readonly autoFocus: boolean
  readonly onQuery: (query: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

function QueryBox({ box, query, placeholder, active, autoFocus, onQuery, onKeyDown }: QueryBoxProps) {
  return (
    <input
      ref={box}
      type="search"
      role="combobox"
      aria-autocomplete="list"
      aria-label="Search instruments"
      aria-expanded={active !== undefined}
      aria-controls="results"
      aria-activedescendant={active === undefined ? undefined : `result-${active}`}
      autoFocus={autoFocus}
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      placeholder={placeholder}
      value={query}
      onChange={(event) => onQuery(event.target.value)}
      onKeyDown={onKeyDown}
    />
  )
}

interface ExchangeFilterProps {
  readonly exchanges: readonly string[]
  readonly value: string
  readonly onChange: (exchange: string) => void
}

function ExchangeFilter({ exchanges, value, onChange }: ExchangeFilterProps) {
  return (
    <select aria-label="Exchange" value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">All</option>
      {exchanges.map((exchange) => (
        <option key={exchange}>{exchange}</option>
      ))}
    </select>
  )
}

function useSlashKey(box: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const focus = (event: globalThis.KeyboardEvent): void => {
      const typing =
        event.target instanceof Element && event.target.closest('input, select, textarea') !== null
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      box.current?.focus()
      box.current?.select()
    }
    window.addEventListener('keydown', focus)
    return () => window.removeEventListener('keydown', focus)
  }, [box])
}
