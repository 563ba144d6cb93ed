import { type KeyboardEvent, useState } from 'react'

import type { ListedInstrument } from '../api/types.ts'
import { Field } from '../parts/parts.tsx'
import { keyOf, kindOf } from '../search/instrument-text.ts'
import { useSearch } from '../search/use-search.ts'

interface SymbolFieldProps {
  readonly id: string
  readonly label: string
  readonly onChoose: (instrument: ListedInstrument) => void
}

const shownAtMost = 6

/** Chooses an instrument by searching: arrow keys move, Enter takes, Escape closes. */
export function SymbolField({ id, label, onChoose }: SymbolFieldProps) {
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const { answer, fault } = useSearch(query, '')
  const results = query.trim() === '' ? [] : (answer?.results ?? []).slice(0, shownAtMost)
  const choose = (instrument: ListedInstrument | undefined): void => {
    if (instrument === undefined) return
    setQuery('')
    onChoose(instrument)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && results.length > 0) setActive((active + step + results.length) % results.length)
    else if (event.key === 'Enter') choose(results[active])
    else if (event.key === 'Escape' && query !== '') setQuery('')
    else return
    event.preventDefault()
  }
  return (
    <div className="symbol-field">
      <Field id={id} label={label} hint="Type parts of its symbol, in any order." fault={fault}>
        {(control) => (
          <input
            {...control}
            type="search"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={results.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={results.length > 0 ? `${id}-${active}` : undefined}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value)
              setActive(0)
            }}
            onKeyDown={onKeyDown}
          />
        )}
      </Field>
      {results.length > 0 && <SymbolList {...{ id, label, results, active }} onChoose={choose} />}
    </div>
  )
}

interface SymbolListProps {
  readonly id: string
  readonly label: string
  readonly results: readonly ListedInstrument[]
  readonly active: number
  readonly onChoose: (instrument: ListedInstrument) => void
}

function SymbolList({ id, label, results, active, onChoose }: SymbolListProps) {
  return (
    <ul id={`${id}-list`} className="results symbol-list" role="listbox" aria-label={label}>
      {results.map((instrument, index) => (
        <li
          key={keyOf(instrument)}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className={index === active ? 'result active' : 'result'}
          onClick={() => onChoose(instrument)}
        >
          <span className="result-symbol">{instrument.symbol}</span>
          <span className="result-exchange">{instrument.exchange}</span>
          <span className="result-name">{kindOf(instrument)}</span>
        </li>
      ))}
    </ul>
  )
}
