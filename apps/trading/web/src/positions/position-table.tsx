import type { Position } from '../api/types.ts'
import { useTick } from '../feed/use-feed.ts'
import { direction, price, signed } from '../format.ts'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'

interface PositionTableProps {
  readonly positions: readonly Position[]
  readonly onClose: (position: Position) => void
}

export function PositionTable({ positions, onClose }: PositionTableProps) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Instrument</th>
          <th scope="col" className="right">
            Quantity
          </th>
          <th scope="col" className="right">
            Average
          </th>
          <th scope="col" className="right">
            Last price
          </th>
          <th scope="col" className="right">
            P&amp;L
          </th>
          <th scope="col">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {positions.map((position) => (
          <PositionRow key={`${keyOf(position)}/${position.product}`} {...{ position, onClose }} />
        ))}
      </tbody>
    </table>
  )
}

interface PositionRowProps {
  readonly position: Position
  readonly onClose: PositionTableProps['onClose']
}

function PositionRow({ position, onClose }: PositionRowProps) {
  const { symbol, exchange, product, quantity, averagePrice } = position
  const closed = quantity === 0
  const ltp = useTick(closed ? undefined : keyOf(position))?.ltp ?? position.ltp
  const pnl = position.pnl + (ltp - position.ltp) * quantity
  const exit = new URLSearchParams({
    s: keyOf(position),
    action: quantity > 0 ? 'SELL' : 'BUY',
    quantity: String(Math.abs(quantity)),
    product,
  }).toString()
  return (
    <tr className={closed ? 'muted' : undefined}>
      <td data-name="Instrument">
        <Link to={`/?s=${encodeURIComponent(keyOf(position))}`} className="symbol">
          {symbol}
        </Link>
        <span className="sub">
          {exchange} · {product}
        </span>
      </td>
      <td data-name="Quantity" className="right number">
        {closed ? 'closed' : signed(quantity, 0)}
      </td>
      <td data-name="Average" className="right number">
        {closed ? '–' : price(averagePrice)}
      </td>
      <td data-name="Last price" className="right number" data-testid="position-price">
        <span key={ltp} className="tick">
          {price(ltp)}
        </span>
      </td>
      <td data-name="P&L" className={`right number ${direction(pnl)}`}>
        {signed(pnl)}
      </td>
      <td className="row-actions">
        {!closed && (
          <>
            <Link to={`/?${exit}`} className="button button-small">
              Exit
            </Link>
            <button type="button" className="button button-small" onClick={() => onClose(position)}>
              Close<span className="hidden"> {symbol}</span>
            </button>
          </>
        )}
      </td>
    </tr>
  )
}
