import { type FormEvent, useState } from 'react'

import { messageOf, post, RequestError } from '../api/client.ts'
import type { ListedInstrument, UserSettings } from '../api/types.ts'
import { rupees } from '../format.ts'
import { Choice, Notice } from '../parts/parts.tsx'
import { Link, useAddress } from '../router.tsx'
import { useSignedIn } from '../session/session.tsx'
import { PlacedOrder } from './placed-order.tsx'
import { TicketFields } from './ticket-fields.tsx'
import { bodyOf, firstTicket, priceTypes, productsFor, type Ticket, ticketValue } from './ticket.ts'

interface OrderTicketProps {
  readonly instrument: ListedInstrument
  readonly ltp: number | undefined
}

interface Placed {
  readonly orderId: string
  readonly mode: UserSettings['orderMode']
}

type Outcome = Placed | { readonly fault: string } | undefined

/** What to buy or sell, and what became of it. */
export function OrderTicket({ instrument, ltp }: OrderTicketProps) {
  const { settings, change } = useSignedIn()
  const { searchParams } = useAddress()
  const [ticket, setTicket] = useState<Ticket>(() => firstTicket(instrument, settings.product, searchParams))
  const { busy, outcome, place } = usePlacement()
  const edit = (changes: Partial<Ticket>): void => setTicket((before) => ({ ...before, ...changes }))
  if (instrument.instrumentType === 'INDEX' || instrument.instrumentType === 'SPOT') return <NotTradable />
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    place(bodyOf(ticket, instrument))
  }
  const value = ticketValue(ticket, ltp)
  const verb = ticket.action === 'BUY' ? 'Buy' : 'Sell'
  return (
    <section className="card ticket" aria-label="Order ticket" data-action={ticket.action}>
      <form onSubmit={submit} noValidate>
        <Choice
          {...{ legend: 'Side', name: 'action', className: 'choice-side', options: ['BUY', 'SELL'] as const }}
          value={ticket.action}
          onChange={(action) => edit({ action })}
        />
        <div className="ticket-row">
          <Choice
            {...{
              legend: 'Product',
              name: 'product',
              options: productsFor(instrument),
              value: ticket.product,
            }}
            onChange={(product) => {
              edit({ product })
              change({ product })
            }}
          />
          <Choice
            {...{ legend: 'Order type', name: 'pricetype', options: priceTypes, value: ticket.priceType }}
            onChange={(priceType) =>
              edit({ priceType, price: ticket.price === '' && ltp ? String(ltp) : ticket.price })
            }
          />
        </div>
        <TicketFields {...{ ticket, instrument, edit }} />
        <div className="ticket-end">
          <p className="note">{value === undefined ? '' : `About ${rupees(value)}`}</p>
          <button className={`button button-${verb.toLowerCase()}`} disabled={busy || instrument.expired}>
            {busy ? 'Sending…' : `${verb} ${ticket.quantity || '…'} ${instrument.symbol}`}
          </button>
        </div>
      </form>
      {instrument.expired && <Notice kind="plain">This contract has expired; choose a later one.</Notice>}
      {outcome !== undefined && 'fault' in outcome && <Notice kind="fault">{outcome.fault}</Notice>}
      {outcome !== undefined && 'orderId' in outcome && (
        <OutcomeNotice key={outcome.orderId} placed={outcome} />
      )}
    </section>
  )
}

/** Sends orders, one at a time. */
function usePlacement(): {
  readonly busy: boolean
  readonly outcome: Outcome
  readonly place: (order: object) => void
} {
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  const place = (order: object): void => {
    setBusy(true)
    setOutcome(undefined)
    post<Placed>('/web/orders', order)
      .then(setOutcome, (error: unknown) => setOutcome({ fault: faultText(error) }))
      .finally(() => setBusy(false))
  }
  return { busy, outcome, place }
}

function OutcomeNotice({ placed: { orderId, mode } }: { readonly placed: Placed }) {
  if (mode === 'live') return <PlacedOrder orderId={orderId} />
  return (
    <Notice kind="plain">
      The order could be placed as it is, and was not sent: orders are only analyzed now.{' '}
      <Link to="/settings">Change that</Link>
    </Notice>
  )
}

function NotTradable() {
  return (
    <section className="card ticket">
      <p className="note">
        An index is a figure and can’t be traded itself. Search for its futures and options.
      </p>
    </section>
  )
}

function faultText(error: unknown): string {
  if (!(error instanceof RequestError)) return messageOf(error)
  const faults = Object.entries(error.fields)
  if (faults.length === 0) return error.message
  return faults.map(([field, texts]) => named(field, texts.join(' '))).join(' ')
}

const fieldNames: Readonly<Record<string, string>> = {
  quantity: 'Quantity',
  price: 'Price',
  trigger_price: 'Trigger price',
}

function named(field: string, text: string): string {
  const name = fieldNames[field] ?? field
  return text.startsWith(name) ? text : `${name}: ${text}`
}
