import { post } from '../api/client.ts'
import type { Order } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../connections/use-actions.ts'
import { moment, price } from '../format.ts'
import { Empty, Notice } from '../parts/parts.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'

/** Every order, the newest first. */
export function OrdersPage() {
  const { data, error, refresh } = usePolled<{ readonly orders: readonly Order[] }>('/web/orders', 1500)
  const cancel = useAction(async (orderId: string) => {
    await post(`/web/orders/${orderId}/cancel`)
    refresh()
  })
  if (error !== undefined) return <Unavailable error={error} />
  if (data === undefined) return null
  return (
    <>
      <h1>Orders</h1>
      {cancel.fault !== undefined && <Notice kind="fault">{cancel.fault}</Notice>}
      {data.orders.length === 0 ? (
        <Empty title="No orders yet">
          <p>Search for an instrument and place one; it appears here at once.</p>
          <Link to="/">Go to the trading desk</Link>
        </Empty>
      ) : (
        <OrderTable orders={data.orders} onCancel={cancel.run} />
      )}
    </>
  )
}

interface OrderTableProps {
  readonly orders: readonly Order[]
  readonly onCancel: (orderId: string) => void
}

function OrderTable({ orders, onCancel }: OrderTableProps) {
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
          <OrderRow key={order.orderId} order={order} onCancel={onCancel} />
        ))}
      </tbody>
    </table>
  )
}

function OrderRow({
  order,
  onCancel,
}: {
  readonly order: Order
  readonly onCancel: OrderTableProps['onCancel']
}) {
  const { orderId, symbol, exchange, action, priceType, product, quantity, filledQuantity, status, reason } =
    order
  const waits = status === 'open' || status === 'trigger pending'
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
      <td className="right">
        {waits && (
          <button type="button" className="button button-small" onClick={() => onCancel(orderId)}>
            Cancel<span className="hidden"> order {orderId}</span>
          </button>
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
