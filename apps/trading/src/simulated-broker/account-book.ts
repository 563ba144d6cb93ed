import type { Funds, Holding } from '../broker/broker-adapter.ts'
import type { OrderTicket, Position } from '../orders/order.ts'
import { kolkataDayStartMs } from './clock-times.ts'
import type { BookedOrder, BookedPosition, Ledger } from './ledger.ts'
import { marginOf } from './margin.ts'
import type { Market } from './market.ts'

const openingCash = 1_000_000

/** What an account holds and what it can still pay for. */
export class AccountBook {
  readonly #ledger: Ledger
  readonly #prices: Market

  constructor(ledger: Ledger, prices: Market) {
    this.#ledger = ledger
    this.#prices = prices
  }

  /** What was traded, but for shares that have become holdings. */
  positions(account: string, wallMs: number): Position[] {
    const settled = this.#ledger.settled(account, kolkataDayStartMs(wallMs))
    return this.#ledger.positions(account).flatMap((booked) => {
      const kept = settledOf(booked, settled)
      const rest = { ...booked, quantity: booked.quantity - kept }
      return kept > 0 && rest.quantity === 0 ? [] : [this.#valued(rest, wallMs)]
    })
  }

  /** Shares bought on an earlier day and not sold since. */
  holdings(account: string, wallMs: number): Holding[] {
    const settled = this.#ledger.settled(account, kolkataDayStartMs(wallMs))
    return this.#ledger.positions(account).flatMap((booked) => {
      const quantity = settledOf(booked, settled)
      if (quantity <= 0) return []
      const { symbol, exchange, averagePrice, ltp } = this.#valued(booked, wallMs)
      return [{ symbol, exchange, quantity, averagePrice, ltp, pnl: quantity * (ltp - averagePrice) }]
    })
  }

  funds(account: string, wallMs: number): Funds {
    const booked = this.#ledger.positions(account)
    const realisedPnl = sum(booked.map(({ realised }) => realised))
    const unrealisedPnl = sum(booked.map((one) => this.#valued(one, wallMs).pnl - one.realised))
    const held = sum(booked.map((one) => marginOf({ ...one, price: one.averagePrice })))
    const asked = sum(this.#ledger.working(account).map((order) => this.#marginOfOrder(order, wallMs)))
    const utilisedMargin = held + asked
    return {
      availableCash: openingCash + realisedPnl - utilisedMargin,
      utilisedMargin,
      realisedPnl,
      unrealisedPnl,
    }
  }

  /** Units of an instrument and product held now. */
  held(account: string, { symbol, exchange, product }: OrderTicket): number {
    const found = this.#ledger.positions(account).find((position) => {
      const { instrument } = position
      return instrument.symbol === symbol && instrument.exchange === exchange && position.product === product
    })
    return found?.quantity ?? 0
  }

  /** Money that an order would block: none for the part that closes what is held. */
  marginFor(account: string, order: OrderTicket & Pick<BookedOrder, 'instrument'>, price: number): number {
    const { instrument, product, action, quantity } = order
    const signed = action === 'BUY' ? quantity : -quantity
    const held = this.held(account, order)
    const closing = Math.sign(held) === -Math.sign(signed) ? Math.min(Math.abs(held), quantity) : 0
    return marginOf({ instrument, product, price, quantity: Math.sign(signed) * (quantity - closing) })
  }

  #marginOfOrder(order: BookedOrder, wallMs: number): number {
    const price = order.price > 0 ? order.price : this.#prices.price(order.instrument, wallMs)
    const rest = { ...order, quantity: order.quantity - order.filledQuantity }
    return this.marginFor(order.account, rest, price)
  }

  #valued(
    { product, instrument, quantity, averagePrice, realised }: BookedPosition,
    wallMs: number,
  ): Position {
    const ltp = this.#prices.price(instrument, wallMs)
    const { symbol, exchange } = instrument
    const pnl = realised + quantity * (ltp - averagePrice)
    return { symbol, exchange, product, quantity, averagePrice, ltp, pnl, realisedPnl: realised }
  }
}

function settledOf(
  { product, instrument, quantity }: BookedPosition,
  settled: ReadonlyMap<string, number>,
): number {
  if (product !== 'CNC') return 0
  const bought = settled.get(`${instrument.exchange}:${instrument.symbol}`) ?? 0
  return Math.max(0, Math.min(bought, quantity))
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
