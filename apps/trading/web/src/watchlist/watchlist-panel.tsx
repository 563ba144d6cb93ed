import { type KeyboardEvent, useRef } from 'react'

import { quoteWith, useFeedState, useQuotes, useTick } from '../feed/use-feed.ts'
import type { Quote } from '../api/types.ts'
import { direction, price, signed } from '../format.ts'
import { Loading } from '../parts/loading.tsx'
import { Notice } from '../parts/parts.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'
import type { Watched, Watchlist } from './use-watchlist.ts'

interface WatchlistPanelProps {
  readonly watchlist: Watchlist
  readonly chosen: string | undefined
}

/**
 * What the user watches, with live prices. Arrow keys move, Enter opens, Alt with an arrow key moves the row itself, and
 * Delete takes it away.
 */
export function WatchlistPanel({ watchlist, chosen }: WatchlistPanelProps) {
  const { watched, fault } = watchlist
  const list = useRef<HTMLUListElement>(null)
  const quotes = useQuotes(watched?.map(keyOf) ?? [])
  const feed = useFeedState()
  if (watched === undefined && fault === undefined) return <Loading what="the watchlist" />
  const onKeyDown = (event: KeyboardEvent, one: Watched, at: number): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Delete') watchlist.remove(one)
    else if (step !== undefined && event.altKey) watchlist.move(one, Math.max(0, at + step))
    else if (step !== undefined)
      list.current
        ?.querySelectorAll<HTMLElement>('a')
        .item(at + step)
        ?.focus()
    else return
    event.preventDefault()
  }
  return (
    <section className="watchlist" aria-labelledby="watchlist-title">
      <div className="watchlist-head">
        <h2 id="watchlist-title">Watchlist</h2>
        <span className={`live-state live-state-${feed}`} role="status">
          {{ live: 'Live', connecting: 'Connecting…', 'no-broker': 'No prices' }[feed]}
        </span>
      </div>
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      {watched?.length === 0 && (
        <p className="search-hint">
          Nothing yet. Search for an instrument and choose “Watch”; its price stays here, on every browser.
        </p>
      )}
      <ul className="watched" ref={list}>
        {watched?.map((one, at) => (
          <Row
            key={keyOf(one)}
            one={one}
            quote={quotes.get(keyOf(one))}
            isChosen={keyOf(one) === chosen}
            onKeyDown={(event) => onKeyDown(event, one, at)}
            onRemove={() => watchlist.remove(one)}
          />
        ))}
      </ul>
    </section>
  )
}

interface RowProps {
  readonly one: Watched
  readonly quote: Quote | undefined
  readonly isChosen: boolean
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onRemove: () => void
}

function Row({ one, quote: first, isChosen, onKeyDown, onRemove }: RowProps) {
  const quote = quoteWith(first, useTick(keyOf(one)))
  const change = quote === undefined ? 0 : quote.ltp - quote.prevClose
  return (
    <li className="watched-row" data-chosen={isChosen}>
      <Link to={`/?s=${encodeURIComponent(keyOf(one))}`} className="watched-link" onKeyDown={onKeyDown}>
        <span className="watched-symbol">{one.symbol}</span>
        <span className="watched-exchange">{one.exchange}</span>
        <span key={quote?.ltp} className="watched-price number tick" data-testid="watched-price">
          {quote === undefined ? '–' : price(quote.ltp)}
        </span>
        <span className={`watched-change number ${direction(change)}`}>
          {quote === undefined || quote.prevClose === 0
            ? ''
            : `${signed((change / quote.prevClose) * 100)} %`}
        </span>
      </Link>
      <button
        type="button"
        className="row-button"
        aria-label={`Stop watching ${one.symbol}`}
        onClick={onRemove}
      >
        <span aria-hidden="true">×</span>
      </button>
    </li>
  )
}
