import type { Trade } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { moment, price } from '../format.ts'
import { Loading } from '../parts/loading.tsx'
import { Empty } from '../parts/parts.tsx'
import { type Column, InstrumentCell, NumberCell, TableHead } from '../parts/table.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'

const columns: readonly Column[] = [
  { name: 'Instrument' },
  { name: 'Side' },
  { name: 'Quantity', kind: 'number' },
  { name: 'Price', kind: 'number' },
  { name: 'Filled' },
]

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
      <TableHead columns={columns} />
      <tbody>
        {data.trades.map((trade) => (
          <tr key={trade.tradeId}>
            <InstrumentCell name="Instrument" instrument={trade} />
            <td data-name="Side">
              <span className={`side side-${trade.action.toLowerCase()}`}>{trade.action}</span>{' '}
              {trade.product}
              <span className="sub">order {trade.orderId}</span>
            </td>
            <NumberCell name="Quantity">{trade.quantity}</NumberCell>
            <NumberCell name="Price">{price(trade.price)}</NumberCell>
            <td data-name="Filled" className="number">
              {moment(trade.atMs)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
