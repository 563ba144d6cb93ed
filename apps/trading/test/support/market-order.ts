import type { OrderTicket } from '../../src/orders/order.ts'

/** Buys ten of X at the market, for a strategy. */
export const marketOrder: OrderTicket = {
  symbol: 'X',
  exchange: 'NSE',
  action: 'BUY',
  product: 'CNC',
  priceType: 'MARKET',
  quantity: 10,
  price: 0,
  triggerPrice: 0,
  strategy: 'breakout',
}
