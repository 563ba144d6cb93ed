import { usePolled } from '../api/use-polled.ts'
import type { Order } from '../api/types.ts'
import { price } from '../format.ts'
import { Notice } from '../parts/parts.tsx'
import { Link } from '../router.tsx'

/** Follows an order that was just placed. */
export function PlacedOrder({ orderId }: { readonly orderId: string }) {
  const { data } = usePolled<{ readonly orders: readonly Order[] }>('/web/orders', 700)
  const order = data?.orders.find((one) => one.orderId === orderId)
  return (
    <Notice kind={order?.status === 'complete' ? 'good' : 'plain'}>
      Order <span className="number">{orderId}</span> {order === undefined ? 'was accepted' : stateOf(order)}.{' '}
      <Link to={order?.status === 'complete' ? '/positions' : '/orders'}>
        {order?.status === 'complete' ? 'See positions' : 'See orders'}
      </Link>
    </Notice>
  )
}

function stateOf({ status, averagePrice, filledQuantity, quantity }: Order): string {
  if (status === 'complete') return `is complete at ${price(averagePrice)}`
  if (filledQuantity > 0) return `is filled to ${filledQuantity} of ${quantity}`
  return status === 'open' ? 'waits for its price' : `is ${status}`
}
