import { useState } from 'react'

import { post } from '../api/client.ts'
import type { Order } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { useOrderNews } from '../feed/use-feed.ts'
import { Confirm } from '../parts/dialog.tsx'
import { Loading } from '../parts/loading.tsx'
import { Choice, Empty, Notice } from '../parts/parts.tsx'
import { Tabs, useTab } from '../parts/tabs.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'
import { ModifyOrder } from './modify-order.tsx'
import { isWaiting, OrderTable } from './order-table.tsx'
import { TradesTable } from './trades-table.tsx'

const tabs = { orders: 'Order book', trades: 'Trades' } as const

export function OrdersPage() {
  const tab = useTab(tabs)
  return (
    <>
      <h1>Orders</h1>
      <Tabs label="Books" path="/orders" tabs={tabs} />
      {tab === 'orders' ? <OrderBook /> : <TradesTable />}
    </>
  )
}

const filters = {
  All: () => true,
  Waiting: isWaiting,
  Done: ({ status }: Order) => status === 'complete',
  Ended: ({ status }: Order) => status === 'rejected' || status === 'cancelled',
} as const

type Filter = keyof typeof filters

/** Changes come with the feed; asking again is for what it missed. */
const againMs = 3000

/** Every order, the newest first. */
function OrderBook() {
  const { data, error, refresh } = usePolled<{ readonly orders: readonly Order[] }>('/web/orders', againMs)
  const [filter, setFilter] = useState<Filter>('All')
  const [modified, setModified] = useState<Order>()
  useOrderNews(refresh)
  const cancel = useAction(async (path: string) => {
    await post(path)
    refresh()
  })
  if (error !== undefined) return <Unavailable error={error} />
  if (data === undefined) return <Loading what="orders" />
  if (data.orders.length === 0) {
    return (
      <Empty title="No orders yet">
        <p>Search for an instrument and place one; it appears here at once.</p>
        <Link to="/">Go to the trading desk</Link>
      </Empty>
    )
  }
  const shown = data.orders.filter(filters[filter])
  const waiting = data.orders.filter(isWaiting).length
  return (
    <>
      <div className="toolbar">
        <Choice
          {...{ legend: 'Show', name: 'filter', className: 'choice-bare', value: filter }}
          options={Object.keys(filters) as Filter[]}
          onChange={setFilter}
        />
        {waiting > 0 && <CancelAll waiting={waiting} onCancel={() => cancel.run('/web/orders/cancel-all')} />}
      </div>
      {cancel.fault !== undefined && <Notice kind="fault">{cancel.fault}</Notice>}
      {shown.length === 0 ? (
        <p className="note" role="status">
          None of the {data.orders.length} orders is {filter.toLowerCase()}.
        </p>
      ) : (
        <OrderTable
          orders={shown}
          onModify={setModified}
          onCancel={(orderId) => cancel.run(`/web/orders/${orderId}/cancel`)}
        />
      )}
      {modified !== undefined && (
        <ModifyOrder order={modified} onDone={refresh} onClose={() => setModified(undefined)} />
      )}
    </>
  )
}

function CancelAll({ waiting, onCancel }: { readonly waiting: number; readonly onCancel: () => void }) {
  const [asks, setAsks] = useState(false)
  return (
    <>
      <button type="button" className="button" onClick={() => setAsks(true)}>
        Cancel all {waiting}
      </button>
      {asks && (
        <Confirm
          title={`Cancel ${waiting} waiting ${waiting === 1 ? 'order' : 'orders'}?`}
          text="What was filled of them already stays filled."
          verb="Cancel them"
          onConfirm={onCancel}
          onClose={() => setAsks(false)}
        />
      )}
    </>
  )
}
