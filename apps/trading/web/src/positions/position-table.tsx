import type { Position } from '../api/types.ts'
import { useTick } from '../feed/use-feed.ts'
import { signed } from '../format.ts'
import { type Column, TableHead } from '../parts/table.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'
import { HeldCells, heldColumns } from './held-cells.tsx'

const columns: readonly Column[] = [...heldColumns, { name: 'Actions', kind: 'actions' }]

interface PositionTableProps {
  readonly positions: readonly Position[]
  readonly onClose: (position: Position) => void
}

export function PositionTable({ positions, onClose }: PositionTableProps) {
  return (
    <table className="table">
      <TableHead columns={columns} />
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
  const { symbol, product, quantity } = position
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
      <HeldCells
        held={position}
        more={product}
        quantity={closed ? 'closed' : signed(quantity, 0)}
        {...{ closed, ltp, pnl }}
      />
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
