export const actions = ['BUY', 'SELL'] as const
export const products = ['MIS', 'CNC', 'NRML'] as const
export const priceTypes = ['MARKET', 'LIMIT', 'SL', 'SL-M'] as const

export type Action = (typeof actions)[number]
export type Product = (typeof products)[number]
export type PriceType = (typeof priceTypes)[number]

/** What somebody wants to be bought or sold. */
export interface OrderTicket {
  readonly symbol: string
  readonly exchange: string
  readonly action: Action
  readonly product: Product
  readonly priceType: PriceType
  /** Units, not lots. */
  readonly quantity: number
  /** 0 for orders at the market. */
  readonly price: number
  /** 0 for orders without a trigger. */
  readonly triggerPrice: number
  /** Who placed it: the name of an API client's strategy, or of the page. */
  readonly strategy: string
}

/**
 * Where an order stands.
 *
 * - `open`: waits for a price, or for the rest of its quantity
 * - `trigger pending`: waits for its trigger
 * - `complete`, `rejected`, `cancelled`: nothing more will happen
 */
export type OrderStatus = 'open' | 'trigger pending' | 'complete' | 'rejected' | 'cancelled'

export interface Order extends OrderTicket {
  readonly orderId: string
  readonly status: OrderStatus
  readonly filledQuantity: number
  /** 0 until something is filled. */
  readonly averagePrice: number
  /** Why it was rejected; empty otherwise. */
  readonly reason: string
  readonly placedAtMs: number
  readonly updatedAtMs: number
}

export interface Position {
  readonly symbol: string
  readonly exchange: string
  readonly product: Product
  /** Below 0 when sold short; 0 once closed. */
  readonly quantity: number
  readonly averagePrice: number
  readonly ltp: number
  /** Realised and unrealised. */
  readonly pnl: number
  readonly realisedPnl: number
}
