import type { ListedInstrument, Quote } from '../api/types.ts'
import { count, direction, price, short, signed, timeOfDay } from '../format.ts'
import { Figure } from '../parts/parts.tsx'
import { kindOf } from '../search/instrument-text.ts'
import type { Watchlist } from '../watchlist/use-watchlist.ts'
import { DayRange } from './day-range.tsx'
import { Sparkline } from './sparkline.tsx'

interface QuotePanelProps {
  readonly instrument: ListedInstrument
  readonly quote: Quote | undefined
  readonly watchlist: Watchlist
}

/** Last price, what it did today, and the numbers around it. */
export function QuotePanel({ instrument, quote, watchlist }: QuotePanelProps) {
  const { symbol, exchange, name, expired } = instrument
  return (
    <section className="quote card" aria-label={`Quote of ${symbol}`}>
      <header>
        <div>
          <h2 className="quote-symbol">{symbol}</h2>
          <p className="quote-name">
            {exchange} · {name === symbol ? '' : `${name} · `}
            {kindOf(instrument)}
          </p>
        </div>
        <div className="quote-aside">
          {expired ? (
            <span className="badge badge-warn">expired</span>
          ) : (
            quote !== undefined && <span className="live">live {timeOfDay(quote.atMs)}</span>
          )}
          <WatchButton {...{ instrument, watchlist }} />
        </div>
      </header>
      {quote === undefined ? (
        <p className="note">Waiting for the first price…</p>
      ) : (
        <Prices {...{ quote, instrument }} />
      )}
    </section>
  )
}

function WatchButton({
  instrument,
  watchlist,
}: {
  readonly instrument: ListedInstrument
  readonly watchlist: Watchlist
}) {
  const isWatched = watchlist.has(instrument)
  return (
    <button
      type="button"
      className="button button-small"
      aria-pressed={isWatched}
      disabled={watchlist.watched === undefined}
      onClick={() => (isWatched ? watchlist.remove(instrument) : watchlist.add(instrument))}
    >
      <span aria-hidden="true">{isWatched ? '★' : '☆'}</span> {isWatched ? 'Watching' : 'Watch'}
    </button>
  )
}

function Prices({ quote, instrument }: { readonly quote: Quote; readonly instrument: ListedInstrument }) {
  const { ltp, prevClose, open, high, low, bid, ask, volume, oi } = quote
  const change = ltp - prevClose
  const way = direction(change)
  return (
    <>
      <div className="quote-main">
        <p className="quote-price">
          <span key={ltp} className="number tick" data-testid="ltp">
            {price(ltp)}
          </span>
          <span className={`change ${way}`}>
            <span aria-hidden="true">{way === 'up' ? '▲' : way === 'down' ? '▼' : '■'}</span> {signed(change)}{' '}
            ({signed((change / prevClose) * 100)} %)
          </span>
        </p>
        <Sparkline value={ltp} atMs={quote.atMs} />
      </div>
      <DayRange {...{ low, high, ltp }} />
      <dl className="figures">
        <Figure name="Open">{price(open)}</Figure>
        <Figure name="Previous close">{price(prevClose)}</Figure>
        <Figure name="Bid">{price(bid)}</Figure>
        <Figure name="Ask">{price(ask)}</Figure>
        <Figure name="Volume">{short(volume)}</Figure>
        {oi > 0 && <Figure name="Open interest">{short(oi)}</Figure>}
        <Figure name="Lot size">{count(instrument.lotSize)}</Figure>
        <Figure name="Tick">{instrument.tickSize > 0 ? instrument.tickSize : '–'}</Figure>
      </dl>
    </>
  )
}
