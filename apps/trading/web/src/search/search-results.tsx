import { useEffect, useRef } from 'react'

import type { ListedInstrument, SearchAnswer } from '../api/types.ts'
import { count } from '../format.ts'
import { Notice } from '../parts/parts.tsx'
import { keyOf, kindOf } from './instrument-text.ts'

interface SearchResultsProps {
  readonly query: string
  readonly answer: SearchAnswer | undefined
  readonly fault: string | undefined
  readonly active: number
  readonly chosen: string | undefined
  readonly exchange: string
  readonly onChoose: (instrument: ListedInstrument) => void
  readonly onPoint: (index: number) => void
  readonly onSuggest: (query: string) => void
}

const suggestions = ['NIFTY', 'BANKNIFTY FUT', 'NIFTY 25000 CE', 'GOLD']

export function SearchResults(props: SearchResultsProps) {
  const { query, answer, fault, active, chosen, exchange, onChoose, onPoint, onSuggest } = props
  if (fault !== undefined) return <Notice kind="fault">{fault}</Notice>
  if (answer === undefined) {
    return (
      <div className="search-hint">
        <div className="suggestions">
          {suggestions.map((suggestion) => (
            <button
              key={suggestion}
              type="button"
              className="button button-small"
              onClick={() => onSuggest(suggestion)}
            >
              {suggestion}
            </button>
          ))}
        </div>
        <p>
          Type parts of a symbol, a company or a strike, in any order. <kbd>/</kbd> brings you back here.
        </p>
      </div>
    )
  }
  if (answer.results.length === 0) {
    return (
      <p className="search-hint" role="status">
        Nothing matches “{query.trim()}”{exchange === '' ? '' : ` on ${exchange}`}. Leave a word out
        {exchange === '' ? '' : ', or look on all exchanges'}.
      </p>
    )
  }
  return (
    <>
      <ul id="results" className="results" role="listbox" aria-label="Instruments">
        {answer.results.map((instrument, index) => (
          <Result
            key={`${keyOf(instrument)}/${index}`}
            {...{ instrument, index, query, onChoose, onPoint }}
            active={index === active}
            chosen={keyOf(instrument) === chosen}
          />
        ))}
      </ul>
      <p className="search-count" role="status">
        {answer.total > answer.results.length
          ? `The best ${answer.results.length} of ${count(answer.total)}; more words narrow it down`
          : `${count(answer.total)} found`}
      </p>
    </>
  )
}

interface ResultProps {
  readonly instrument: ListedInstrument
  readonly index: number
  readonly query: string
  readonly active: boolean
  readonly chosen: boolean
  readonly onChoose: (instrument: ListedInstrument) => void
  readonly onPoint: (index: number) => void
}

function Result({ instrument, index, query, active, chosen, onChoose, onPoint }: ResultProps) {
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (active) item.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  const { symbol, exchange, expired, name } = instrument
  return (
    <li
      ref={item}
      id={`result-${index}`}
      role="option"
      aria-selected={chosen}
      className={active ? 'result active' : 'result'}
      onClick={() => {
        onPoint(index)
        onChoose(instrument)
      }}
    >
      <span className="result-symbol">
        <Marked text={symbol} query={query} />
      </span>
      <span className="result-exchange">{exchange}</span>
      <span className="result-name">
        {name === symbol ? kindOf(instrument) : `${name} · ${kindOf(instrument)}`}
      </span>
      {expired && <span className="badge badge-warn">expired</span>}
    </li>
  )
}

/** The words of the query stand out where they are part of the symbol. */
function Marked({ text, query }: { readonly text: string; readonly query: string }) {
  const words = query.trim().toUpperCase().split(/\s+/).filter(Boolean)
  const pattern = words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|')
  if (pattern === '') return text
  return text.split(new RegExp(`(${pattern})`, 'i')).map((part, index) => {
    const key = `${index}/${part}`
    return index % 2 === 1 ? <mark key={key}>{part}</mark> : <span key={key}>{part}</span>
  })
}
