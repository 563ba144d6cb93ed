import type { Funds } from '../broker/broker-adapter.ts'
import type { OrderTicket, Position } from '../orders/order.ts'
import type { BookedOrder, BookedPosition, Ledger } from './ledger.ts'
import { marginOf } from './margin.ts'
import type { PriceModel } from './price-model.ts'

const openingCash = 1_000_000

/** What an account holds and what it can still pay for. */
export class AccountBook {
  readonly #ledger: Ledger
  readonly #prices: PriceModel

  constructor(ledger: Ledger, prices: PriceModel) {
    this.#ledger = ledger
    this.#prices = prices
  }

  positions(account: string, wallMs: number): Position[] {
    return this.#ledger.positions(account).map((booked) => this.#valued(booked, wallMs))
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

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
