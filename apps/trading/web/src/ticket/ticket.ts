import type { ListedInstrument, Order, UserSettings } from '../api/types.ts'

export const priceTypes = ['MARKET', 'LIMIT', 'SL', 'SL-M'] as const

type Product = UserSettings['product']

/** What stands in the ticket's fields; numbers are text while somebody types. */
export interface Ticket {
  readonly action: 'BUY' | 'SELL'
  readonly product: Product
  readonly priceType: Order['priceType']
  readonly quantity: string
  readonly price: string
  readonly triggerPrice: string
}

export function productsFor({ instrumentType }: ListedInstrument): readonly Product[] {
  return instrumentType === 'EQ' ? ['MIS', 'CNC'] : ['MIS', 'NRML']
}

/** One lot to buy, or what the address asks for. */
export function firstTicket(
  instrument: ListedInstrument,
  preferred: Product,
  asked: URLSearchParams,
): Ticket {
  const products = productsFor(instrument)
  const product = products.find((one) => one === asked.get('product')) ?? preferred
  return {
    action: asked.get('action') === 'SELL' ? 'SELL' : 'BUY',
    product: products.includes(product) ? product : 'MIS',
    priceType: 'MARKET',
    quantity: asked.get('quantity') ?? String(Math.max(1, instrument.lotSize)),
    price: '',
    triggerPrice: '',
  }
}

export function needsPrice({ priceType }: Pick<Ticket, 'priceType'>): boolean {
  return priceType === 'LIMIT' || priceType === 'SL'
}

export function needsTrigger({ priceType }: Pick<Ticket, 'priceType'>): boolean {
  return priceType === 'SL' || priceType === 'SL-M'
}

export function ticketValue(ticket: Ticket, ltp: number | undefined): number | undefined {
  const price = needsPrice(ticket) ? Number(ticket.price) : ltp
  const value = Number(ticket.quantity) * (price ?? Number.NaN)
  return Number.isFinite(value) && value > 0 ? value : undefined
}

/** The request that places the order; an empty field is left out, so that the server names it. */
export function bodyOf(ticket: Ticket, { symbol, exchange }: ListedInstrument): object {
  return {
    symbol,
    exchange,
    action: ticket.action,
    product: ticket.product,
    pricetype: ticket.priceType,
    quantity: ticket.quantity.trim() === '' ? undefined : ticket.quantity,
    price: needsPrice(ticket) ? ticket.price || 0 : 0,
    trigger_price: needsTrigger(ticket) ? ticket.triggerPrice || 0 : 0,
  }
}
