import type { Trade } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { moment, price } from '../format.ts'
import { Loading } from '../parts/loading.tsx'
import { Empty } from '../parts/parts.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'

/** What was filled, the newest first. */
export function TradesTable() {
  const { data, error } = usePolled<{ readonly trades: readonly Trade[] }>('/web/trades', 3000)
  if (error !== undefined) return <Unavailable error={error} />
  if (data === undefined) return <Loading what="trades" />
  if (data.trades.length === 0) {
    return (
      <Empty title="No trades yet">
        <p>What is filled of your orders stands here with its price.</p>
        <Link to="/">Go to the trading desk</Link>
      </Empty>
    )
  }
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Instrument</th>
          <th scope="col">Side</th>
          <th scope="col" className="right">
            Quantity
          </th>
          <th scope="col" className="right">
            Price
          </th>
          <th scope="col">Filled</th>
        </tr>
      </thead>
      <tbody>
        {data.trades.map((trade) => (
          <tr key={trade.tradeId}>
            <td data-name="Instrument">
              <Link to={`/?s=${encodeURIComponent(keyOf(trade))}`} className="symbol">
                {trade.symbol}
              </Link>
              <span className="sub">{trade.exchange}</span>
            </td>
            <td data-name="Side">
              <span className={`side side-${trade.action.toLowerCase()}`}>{trade.action}</span>{' '}
              {trade.product}
              <span className="sub">order {trade.orderId}</span>
            </td>
            <td data-name="Quantity" className="right number">
              {trade.quantity}
            </td>
            <td data-name="Price" className="right number">
              {price(trade.price)}
            </td>
            <td data-name="Filled" className="number">
              {moment(trade.atMs)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
