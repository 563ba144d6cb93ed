import { useEffect, useState } from 'react'

import { get, RequestError } from '../api/client.ts'
import type { ListedInstrument } from '../api/types.ts'
import { modes } from '../feed/price-feed.ts'
import { quoteWith, useFeedState, useQuotes, useTick } from '../feed/use-feed.ts'
import { Loading } from '../parts/loading.tsx'
import { Empty, Notice } from '../parts/parts.tsx'
import { DepthTable } from '../quote/depth-table.tsx'
import { QuotePanel } from '../quote/quote-panel.tsx'
import { Link } from '../router.tsx'
import { OrderTicket } from '../ticket/order-ticket.tsx'
import type { Watchlist } from '../watchlist/use-watchlist.ts'

interface InstrumentPanelProps {
  readonly exchange: string
  readonly symbol: string
  readonly watchlist: Watchlist
}

/** The live price of one instrument, its order book, and a ticket to trade it. */
export function InstrumentPanel({ exchange, symbol, watchlist }: InstrumentPanelProps) {
  const { instrument, fault } = useInstrument(exchange, symbol)
  const key = instrument && `${exchange}:${symbol}`
  const tick = useTick(key, modes.depth)
  const quotes = useQuotes(key === undefined ? [] : [key])
  const quote = quoteWith(key === undefined ? undefined : quotes.get(key), tick)
  const feed = useFeedState()
  if (fault !== undefined) {
    return (
      <Empty title={`${symbol} can’t be shown`}>
        <p>{fault}</p>
        <Link to="/">Search again</Link>
      </Empty>
    )
  }
  if (instrument === undefined) return <Loading what={symbol} />
  return (
    <>
      <Link to="/" className="back">
        ← Search and watchlist
      </Link>
      {feed === 'no-broker' && (
        <Notice kind="fault">
          The broker gives no prices now. <Link to="/connections">Look at its connection</Link>
        </Notice>
      )}
      <QuotePanel instrument={instrument} quote={quote} watchlist={watchlist} />
      <OrderTicket instrument={instrument} ltp={quote?.ltp} />
      {tick?.depth !== undefined && (
        <section className="card" aria-label="Market depth">
          <DepthTable depth={tick.depth} />
        </section>
      )}
    </>
  )
}

function useInstrument(
  exchange: string,
  symbol: string,
): { readonly instrument: ListedInstrument | undefined; readonly fault: string | undefined } {
  const [instrument, setInstrument] = useState<ListedInstrument>()
  const [fault, setFault] = useState<string>()
  useEffect(() => {
    const aborter = new AbortController()
    const path = `/web/symbols/${encodeURIComponent(exchange)}/${encodeURIComponent(symbol)}`
    get<ListedInstrument>(path, aborter.signal).then(setInstrument, (error: unknown) => {
      if (error instanceof RequestError) setFault(error.message)
    })
    return () => aborter.abort()
  }, [exchange, symbol])
  return { instrument, fault }
}
