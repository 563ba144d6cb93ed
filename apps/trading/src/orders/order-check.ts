import type { Instrument } from '@cache/symbol-index'

import { hasExpired } from '../instruments/expiry.ts'
import type { OrderTicket } from './order.ts'

type Check = (ticket: OrderTicket, instrument: Instrument, wallMs: number) => string | undefined

/** What is wrong with an order before any broker sees it; `undefined` when nothing is. */
export function orderFault(ticket: OrderTicket, instrument: Instrument, wallMs: number): string | undefined {
  for (const check of checks) {
    const fault = check(ticket, instrument, wallMs)
    if (fault !== undefined) return fault
  }
  return undefined
}

const tradable: Check = ({ symbol }, { instrumentType }) =>
  instrumentType === 'INDEX' || instrumentType === 'SPOT'
    ? `${symbol} is an index or reference price and can't be traded itself; trade its futures or options`
    : undefined

const live: Check = ({ symbol }, { expiry }, wallMs) =>
  hasExpired(expiry, wallMs) ? `${symbol} expired on ${expiry}` : undefined

const rightProduct: Check = ({ product }, { instrumentType }) => {
  const cash = instrumentType === 'EQ'
  if (cash && product === 'NRML') return 'NRML is for futures and options; use CNC or MIS'
  if (!cash && product === 'CNC') return 'CNC is for shares; use NRML or MIS'
  return undefined
}

const wholeLots: Check = ({ quantity }, { lotSize }) =>
  lotSize > 1 && quantity % lotSize !== 0
    ? `Quantity ${quantity} is not a multiple of the lot size ${lotSize}`
    : undefined

const pricesGiven: Check = ({ priceType, price, triggerPrice }) => {
  const limited = priceType === 'LIMIT' || priceType === 'SL'
  const triggered = priceType === 'SL' || priceType === 'SL-M'
  if (limited && price <= 0) return `A ${priceType} order needs a price above 0`
  if (triggered && triggerPrice <= 0) return `An ${priceType} order needs a trigger price above 0`
  return undefined
}

const onTick: Check = ({ price, triggerPrice }, { tickSize }) => {
  const off = [price, triggerPrice].find((amount) => !isMultiple(amount, tickSize))
  return off === undefined ? undefined : `Price ${off} is not a multiple of the tick size ${tickSize}`
}

const triggerSide: Check = ({ priceType, action, price, triggerPrice }) => {
  if (priceType !== 'SL') return undefined
  if (action === 'BUY' && price < triggerPrice)
    return 'A buying SL order needs a price at or above its trigger'
  if (action === 'SELL' && price > triggerPrice)
    return 'A selling SL order needs a price at or below its trigger'
  return undefined
}

const checks: readonly Check[] = [tradable, live, rightProduct, wholeLots, pricesGiven, onTick, triggerSide]

function isMultiple(amount: number, step: number): boolean {
  if (step <= 0) return true
  const steps = amount / step
  return Math.abs(steps - Math.round(steps)) < 1e-6
}
