import { direction, price, signed } from '../format.ts'
import { type Column, InstrumentCell, NumberCell } from '../parts/table.tsx'

/** What is held of one instrument. */
export interface Held {
  readonly symbol: string
  readonly exchange: string
  readonly averagePrice: number
}

interface HeldCellsProps {
  readonly held: Held
  readonly more?: string
  readonly quantity: string
  /** Whether nothing is left of it, so that it has no average. */
  readonly closed?: boolean
  readonly ltp: number
  readonly pnl: number
}

export const heldColumns: readonly Column[] = [
  { name: 'Instrument' },
  { name: 'Quantity', kind: 'number' },
  { name: 'Average', kind: 'number' },
  { name: 'Last price', kind: 'number' },
  { name: 'P&L', kind: 'number' },
]

/** The cells of `heldColumns`. */
export function HeldCells({ held, more, quantity, closed = false, ltp, pnl }: HeldCellsProps) {
  return (
    <>
      <InstrumentCell name="Instrument" instrument={held} {...(more === undefined ? {} : { more })} />
      <NumberCell name="Quantity">{quantity}</NumberCell>
      <NumberCell name="Average">{closed ? '–' : price(held.averagePrice)}</NumberCell>
      <NumberCell name="Last price">
        <span key={ltp} className="tick" data-testid="held-price">
          {price(ltp)}
        </span>
      </NumberCell>
      <NumberCell name="P&L" className={direction(pnl)}>
        {signed(pnl)}
      </NumberCell>
    </>
  )
}
