import type { Order } from '../api/types.ts'
import { moment, price } from '../format.ts'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'

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
      <thead>
        <tr>
          <th scope="col">Instrument</th>
          <th scope="col">Order</th>
          <th scope="col" className="right">
            Quantity
          </th>
          <th scope="col" className="right">
            Price
          </th>
          <th scope="col">Status</th>
          <th scope="col">Placed</th>
          <th scope="col">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
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
  const { orderId, symbol, exchange, action, priceType, product, quantity, filledQuantity, status, reason } =
    order
  return (
    <tr>
      <td data-name="Instrument">
        <Link to={`/?s=${encodeURIComponent(keyOf(order))}`} className="symbol">
          {symbol}
        </Link>
        <span className="sub">{exchange}</span>
      </td>
      <td data-name="Order">
        <span className={`side side-${action.toLowerCase()}`}>{action}</span> {priceType} · {product}
        <span className="sub">
          {orderId} · {order.strategy}
        </span>
      </td>
      <td data-name="Quantity" className="right number">
        {filledQuantity > 0 && filledQuantity < quantity ? `${filledQuantity} / ${quantity}` : quantity}
      </td>
      <td data-name="Price" className="right number">
        {priceOf(order)}
      </td>
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
