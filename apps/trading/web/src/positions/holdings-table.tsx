import type { Holding } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { Loading } from '../parts/loading.tsx'
import { Empty } from '../parts/parts.tsx'
import { TableHead } from '../parts/table.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'
import { HeldCells, heldColumns } from './held-cells.tsx'

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
      <TableHead columns={heldColumns} />
      <tbody>
        {data.holdings.map((holding) => (
          <tr key={keyOf(holding)}>
            <HeldCells
              held={holding}
              quantity={String(holding.quantity)}
              ltp={holding.ltp}
              pnl={holding.pnl}
            />
          </tr>
        ))}
      </tbody>
    </table>
  )
}
