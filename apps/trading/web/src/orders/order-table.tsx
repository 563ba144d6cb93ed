import type { Order } from '../api/types.ts'
import { moment, price } from '../format.ts'
import { type Column, InstrumentCell, NumberCell, TableHead } from '../parts/table.tsx'

const columns: readonly Column[] = [
  { name: 'Instrument' },
  { name: 'Order' },
  { name: 'Quantity', kind: 'number' },
  { name: 'Price', kind: 'number' },
  { name: 'Status' },
  { name: 'Placed' },
  { name: 'Actions', kind: 'actions' },
]

interface OrderTableProps {
  readonly orders: readonly Order[]
  readonly onModify: (order: Order) => void
  readonly onCancel: (orderId: string) => void
}

export function isWaiting({ status }: Order): boolean {
  return status === 'open' || status === 'trigger pending'
}

export function OrderTable({ orders, onModify, onCancel }: OrderTableProps) {
  return (
    <table className="table">
      <TableHead columns={columns} />
      <tbody>
        {orders.map((order) => (
          <OrderRow key={order.orderId} {...{ order, onModify, onCancel }} />
        ))}
      </tbody>
    </table>
  )
}

type OrderRowProps = Omit<OrderTableProps, 'orders'> & { readonly order: Order }

function OrderRow({ order, onModify, onCancel }: OrderRowProps) {
  const { orderId, action, priceType, product, quantity, filledQuantity, status, reason } = order
  return (
    <tr>
      <InstrumentCell name="Instrument" instrument={order} />
      <td data-name="Order">
        <span className={`side side-${action.toLowerCase()}`}>{action}</span> {priceType} · {product}
        <span className="sub">
          {orderId} · {order.strategy}
        </span>
      </td>
      <NumberCell name="Quantity">
        {filledQuantity > 0 && filledQuantity < quantity ? `${filledQuantity} / ${quantity}` : quantity}
      </NumberCell>
      <NumberCell name="Price">{priceOf(order)}</NumberCell>
      <td data-name="Status">
        <span className={`badge badge-${status.replace(' ', '-')}`}>{status}</span>
        {reason !== '' && <span className="sub">{reason}</span>}
      </td>
      <td data-name="Placed" className="number">
        {moment(order.placedAtMs)}
      </td>
      <td className="row-actions">
        {isWaiting(order) && (
          <>
            <button type="button" className="button button-small" onClick={() => onModify(order)}>
              Change<span className="hidden"> order {orderId}</span>
            </button>
            <button type="button" className="button button-small" onClick={() => onCancel(orderId)}>
              Cancel<span className="hidden"> order {orderId}</span>
            </button>
          </>
        )}
      </td>
    </tr>
  )
}

function priceOf({ averagePrice, price: limit, triggerPrice, priceType }: Order): string {
  if (averagePrice > 0) return price(averagePrice)
  const trigger = triggerPrice > 0 ? `trigger ${price(triggerPrice)}` : ''
  const at = limit > 0 ? price(limit) : ''
  return [at, trigger].filter(Boolean).join(', ') || priceType.toLowerCase()
}
