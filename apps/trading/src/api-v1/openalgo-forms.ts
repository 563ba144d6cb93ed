import type { Instrument } from '@cache/symbol-index'

import type { Candle, Depth, Funds, Holding, Quote, Trade } from '../broker/broker-adapter.ts'
import type { Order, OrderStatus, Position } from '../orders/order.ts'
import { textHash } from '../text-hash.ts'

/** The shapes that OpenAlgo's clients read. Amounts are numbers in some routes and text in others, as theirs are. */

export function symbolForm(instrument: Instrument, freezeQuantity: number) {
  const { symbol, exchange } = instrument
  // Below 2^31, as clients expect of an id.
  const id = textHash(`${exchange}:${symbol}`) >>> 1
  return { id, ...instrumentForm(instrument), freeze_qty: freezeQuantity }
}

/** Fields in the order of the CSV file. */
export function instrumentForm(instrument: Instrument) {
  const { symbol, brokerSymbol, name, exchange, brokerExchange, token } = instrument
  return {
    symbol,
    brsymbol: brokerSymbol,
    name,
    exchange,
    brexchange: brokerExchange,
    token,
    expiry: instrument.expiry ?? '',
    strike: instrument.strike ?? 0,
    lotsize: instrument.lotSize,
    instrumenttype: instrument.instrumentType,
    tick_size: instrument.tickSize,
  }
}

export function depthForm(depth: Depth) {
  const {
    open,
    high,
    low,
    ltp,
    prevClose,
    volume,
    oi,
    ltq,
    totalBuyQuantity,
    totalSellQuantity,
    bids,
    asks,
  } = depth
  const day = { open, high, low, ltp, ltq, prev_close: prevClose, volume, oi }
  return { ...day, totalbuyqty: totalBuyQuantity, totalsellqty: totalSellQuantity, bids, asks }
}

/** The timestamp is in seconds since 1970. */
export function candleForm({ startMs, ...candle }: Candle) {
  return { timestamp: Math.floor(startMs / 1000), ...candle }
}

export function quoteForm({ open, high, low, ltp, ask, bid, prevClose, volume, oi }: Quote) {
  return { open, high, low, ltp, ask, bid, prev_close: prevClose, volume, oi }
}

const statusNames: Readonly<Record<OrderStatus, string>> = {
  open: 'open',
  'trigger pending': 'pending',
  complete: 'complete',
  rejected: 'rejected',
  cancelled: 'cancelled',
}

export function orderForm(order: Order) {
  const { symbol, exchange, action, product, priceType, quantity, orderId } = order
  return {
    action,
    symbol,
    exchange,
    orderid: orderId,
    product,
    quantity: String(quantity),
    price: order.status === 'complete' ? cents(order.averagePrice) : order.price,
    pricetype: priceType,
    order_status: statusNames[order.status],
    trigger_price: order.triggerPrice,
    timestamp: timestamp(order.placedAtMs),
  }
}

export function orderStatusForm(order: Order) {
  const rejected = order.reason === '' ? {} : { rejection_reason: order.reason }
  return { ...orderForm(order), price: order.price, average_price: cents(order.averagePrice), ...rejected }
}

export function orderBookForm(orders: readonly Order[]) {
  const count = (matches: (order: Order) => boolean): number => orders.filter(matches).length
  return {
    orders: orders.map(orderForm),
    statistics: {
      total_buy_orders: count(({ action }) => action === 'BUY'),
      total_sell_orders: count(({ action }) => action === 'SELL'),
      total_completed_orders: count(({ status }) => status === 'complete'),
      total_open_orders: count(({ status }) => status === 'open' || status === 'trigger pending'),
      total_rejected_orders: count(({ status }) => status === 'rejected'),
    },
  }
}

export function positionForm({ symbol, exchange, product, quantity, averagePrice, ltp, pnl }: Position) {
  return {
    symbol,
    exchange,
    product,
    quantity: String(quantity),
    average_price: averagePrice.toFixed(2),
    ltp: ltp.toFixed(2),
    pnl: pnl.toFixed(2),
  }
}

export function tradeForm({ orderId, symbol, exchange, product, action, quantity, price, atMs }: Trade) {
  return {
    orderid: orderId,
    symbol,
    exchange,
    product,
    action,
    quantity,
    average_price: cents(price),
    trade_value: cents(price * quantity),
    timestamp: timestamp(atMs),
  }
}

export function holdingsForm(holdings: readonly Holding[]) {
  const invested = sum(holdings, ({ quantity, averagePrice }) => quantity * averagePrice)
  const worth = sum(holdings, ({ quantity, ltp }) => quantity * ltp)
  return {
    holdings: holdings.map(({ symbol, exchange, quantity, averagePrice, pnl }) => ({
      symbol,
      exchange,
      product: 'CNC',
      quantity,
      t1_quantity: 0,
      pledged_quantity: 0,
      pnl: cents(pnl),
      pnlpercent: shareOf(pnl, quantity * averagePrice),
    })),
    statistics: {
      totalholdingvalue: cents(worth),
      totalinvvalue: cents(invested),
      totalprofitandloss: cents(worth - invested),
      totalpnlpercentage: shareOf(worth - invested, invested),
    },
  }
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0)
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : cents((part / whole) * 100)
}

export function fundsForm({ availableCash, utilisedMargin, realisedPnl, unrealisedPnl }: Funds) {
  return {
    availablecash: availableCash.toFixed(2),
    collateral: '0.00',
    m2mrealized: realisedPnl.toFixed(2),
    m2munrealized: unrealisedPnl.toFixed(2),
    utiliseddebits: utilisedMargin.toFixed(2),
  }
}

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Kolkata',
  day: '2-digit',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** `08-Apr-2025 13:58:03`, in Asia/Kolkata. */
export function timestamp(wallMs: number): string {
  const part = Object.fromEntries(clock.formatToParts(wallMs).map(({ type, value }) => [type, value]))
  const month = part['month']?.slice(0, 3)
  return `${part['day']}-${month}-${part['year']} ${part['hour']}:${part['minute']}:${part['second']}`
}

function cents(amount: number): number {
  return Number(amount.toFixed(2))
}
