import { useEffect, useState } from 'react'

import { get, RequestError } from '../api/client.ts'
import type { ListedInstrument, QuotesMessage } from '../api/types.ts'
import { useLiveQuote } from '../api/use-events.ts'
import { Empty, Notice } from '../parts/parts.tsx'
import { QuotePanel } from '../quote/quote-panel.tsx'
import { Link } from '../router.tsx'
import { OrderTicket } from '../ticket/order-ticket.tsx'

interface InstrumentPanelProps {
  readonly exchange: string
  readonly symbol: string
}

/** The live price of one instrument, and a ticket to trade it. */
export function InstrumentPanel({ exchange, symbol }: InstrumentPanelProps) {
  const { instrument, fault } = useInstrument(exchange, symbol)
  const message = useLiveQuote(instrument && `${exchange}:${symbol}`)
  const [lastQuote, setLastQuote] = useState<NonNullable<QuotesMessage['quotes']>[number]>()
  const quote = message?.quotes?.[0]
  useEffect(() => {
    if (quote !== undefined) setLastQuote(quote)
  }, [quote])
  if (fault !== undefined) {
    return (
      <Empty title={`${symbol} can’t be shown`}>
        <p>{fault}</p>
        <Link to="/">Search again</Link>
      </Empty>
    )
  }
  if (instrument === undefined) return null
  return (
    <>
      <Link to="/" className="back">
        ← Search
      </Link>
      {message?.fault !== undefined && <Notice kind="fault">{message.fault}</Notice>}
      <QuotePanel instrument={instrument} quote={lastQuote} />
      <OrderTicket instrument={instrument} ltp={lastQuote?.ltp} />
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
