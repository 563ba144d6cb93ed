import type { Holding } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { direction, price, signed } from '../format.ts'
import { Loading } from '../parts/loading.tsx'
import { Empty } from '../parts/parts.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'

/** Shares that were paid for on an earlier day. */
export function HoldingsTable() {
  const { data, error } = usePolled<{ readonly holdings: readonly Holding[] }>('/web/holdings', 5000)
  if (error !== undefined) return <Unavailable error={error} />
  if (data === undefined) return <Loading what="holdings" />
  if (data.holdings.length === 0) {
    return (
      <Empty title="No holdings">
        <p>Shares bought with the product CNC are yours the day after, and stand here until you sell them.</p>
        <Link to="/">Go to the trading desk</Link>
      </Empty>
    )
  }
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Share</th>
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
        </tr>
      </thead>
      <tbody>
        {data.holdings.map((holding) => (
          <tr key={keyOf(holding)}>
            <td data-name="Share">
              <Link to={`/?s=${encodeURIComponent(keyOf(holding))}`} className="symbol">
                {holding.symbol}
              </Link>
              <span className="sub">{holding.exchange}</span>
            </td>
            <td data-name="Quantity" className="right number">
              {holding.quantity}
            </td>
            <td data-name="Average" className="right number">
              {price(holding.averagePrice)}
            </td>
            <td data-name="Last price" className="right number">
              {price(holding.ltp)}
            </td>
            <td data-name="P&L" className={`right number ${direction(holding.pnl)}`}>
              {signed(holding.pnl)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
