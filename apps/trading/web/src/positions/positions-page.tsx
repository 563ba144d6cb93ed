import type { Funds, Position, PositionsAnswer } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { direction, price, rupees, signed } from '../format.ts'
import { Empty, Figure } from '../parts/parts.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'

/** What is held, what it is worth now, and what is left to trade with. */
export function PositionsPage() {
  const { data, error } = usePolled<PositionsAnswer>('/web/positions', 1000)
  if (error !== undefined) return <Unavailable error={error} />
  if (data === undefined) return null
  return (
    <>
      <h1>Positions</h1>
      <FundsLine funds={data.funds} />
      {data.positions.length === 0 ? (
        <Empty title="No positions">
          <p>An order that fills becomes a position here, with its profit or loss as prices move.</p>
          <Link to="/">Go to the trading desk</Link>
        </Empty>
      ) : (
        <PositionTable positions={data.positions} />
      )}
    </>
  )
}

function FundsLine({ funds }: { readonly funds: Funds }) {
  const total = funds.realisedPnl + funds.unrealisedPnl
  return (
    <dl className="figures figures-wide">
      <Figure name="Profit and loss">
        <span className={direction(total)}>{signed(total)}</span>
      </Figure>
      <Figure name="Available">{rupees(funds.availableCash)}</Figure>
      <Figure name="Margin in use">{rupees(funds.utilisedMargin)}</Figure>
      <Figure name="Realised">
        <span className={direction(funds.realisedPnl)}>{signed(funds.realisedPnl)}</span>
      </Figure>
    </dl>
  )
}

function PositionTable({ positions }: { readonly positions: readonly Position[] }) {
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
          <PositionRow key={`${keyOf(position)}/${position.product}`} position={position} />
        ))}
      </tbody>
    </table>
  )
}

function PositionRow({ position }: { readonly position: Position }) {
  const { symbol, exchange, product, quantity, averagePrice, ltp, pnl } = position
  const closed = quantity === 0
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
      <td data-name="Last price" className="right number">
        {price(ltp)}
      </td>
      <td data-name="P&L" className={`right number ${direction(pnl)}`}>
        {signed(pnl)}
      </td>
      <td className="right">
        {!closed && (
          <Link to={`/?${exit}`} className="button button-small">
            Exit
          </Link>
        )}
      </td>
    </tr>
  )
}
