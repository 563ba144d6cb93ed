import type { BrokerInstrument } from '../broker/broker-adapter.ts'
import { rupees } from '../orders/money.ts'
import type { OrderTicket } from '../orders/order.ts'
import type { AccountBook } from './account-book.ts'

export interface RiskQuestion {
  readonly account: string
  readonly ticket: OrderTicket
  readonly instrument: BrokerInstrument
  readonly ltp: number
  readonly wallMs: number
}

const bandShare = 0.2
const optionBandFactor = 5

/** Why the broker won't take an order, as its risk desk would say it; `undefined` when it does. */
export function rejection(question: RiskQuestion, book: AccountBook): string | undefined {
  return outsideBand(question) ?? nothingToSell(question, book) ?? tooExpensive(question, book)
}

function outsideBand({ ticket, instrument, ltp }: RiskQuestion): string | undefined {
  if (ticket.price === 0) return undefined
  const isOption = instrument.instrumentType === 'CE' || instrument.instrumentType === 'PE'
  const low = isOption ? 0 : ltp * (1 - bandShare)
  const high = isOption ? ltp * optionBandFactor + 50 : ltp * (1 + bandShare)
  if (ticket.price >= low && ticket.price <= high) return undefined
  return `Price ${rupees(ticket.price)} is outside the day's band of ${rupees(low)} to ${rupees(high)}`
}

function nothingToSell({ account, ticket }: RiskQuestion, book: AccountBook): string | undefined {
  if (ticket.action === 'BUY' || ticket.product !== 'CNC') return undefined
  const held = Math.max(0, book.held(account, ticket))
  if (ticket.quantity <= held) return undefined
  return `CNC sells what is held: ${held} of ${ticket.symbol}, not ${ticket.quantity}. Use MIS to sell short`
}

function tooExpensive(
  { account, ticket, instrument, ltp, wallMs }: RiskQuestion,
  book: AccountBook,
): string | undefined {
  const needed = book.marginFor(account, { ...ticket, instrument }, ticket.price > 0 ? ticket.price : ltp)
  const { availableCash } = book.funds(account, wallMs)
  if (needed === 0 || needed <= availableCash) return undefined
  return `Insufficient funds: ${rupees(needed)} needed, ${rupees(Math.max(0, availableCash))} available`
}
