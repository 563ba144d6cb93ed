/** How much of something is held, at which average, and what closing parts of it brought. */
export interface Holding {
  /** Below 0 when sold short. */
  readonly quantity: number
  readonly averagePrice: number
  readonly realised: number
}

/** What a trade makes of a holding; `signed` is below 0 for a sale. */
export function afterFill(
  { quantity, averagePrice, realised }: Holding,
  signed: number,
  price: number,
): Holding {
  const next = quantity + signed
  const grows = quantity === 0 || Math.sign(quantity) === Math.sign(signed)
  if (grows) {
    const average = (Math.abs(quantity) * averagePrice + Math.abs(signed) * price) / Math.abs(next)
    return { quantity: next, averagePrice: average, realised }
  }
  const closed = Math.min(Math.abs(signed), Math.abs(quantity))
  const gained = closed * (price - averagePrice) * Math.sign(quantity)
  const turned = Math.sign(next) === Math.sign(signed)
  const average = next === 0 ? 0 : turned ? price : averagePrice
  return { quantity: next, averagePrice: average, realised: realised + gained }
}
