import { post } from '../api/client.ts'
import type { Order } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { useOrderNews } from '../feed/use-feed.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Notice } from '../parts/parts.tsx'
import { MadeList } from './made-list.tsx'
import { NewStrategy } from './new-strategy.tsx'
import { StrategyCard } from './strategy-card.tsx'
import type { ShownStrategy, StrategiesAnswer } from './types.ts'

const about =
  'A strategy trades when its webhook is called, by TradingView for one, and can end its position by itself at a loss, a gain or a time.'

/** Strategies, what each holds, and what it has ordered. */
export function StrategiesView() {
  const { data, error, put, refresh } = usePolled<StrategiesAnswer>('/web/strategies', 2000)
  const orders = usePolled<{ readonly orders: readonly Order[] }>('/web/orders', 5000)
  useOrderNews(() => {
    refresh()
    orders.refresh()
  })
  const change = useAction(async (path: string, body: object) =>
    put(await post<StrategiesAnswer>(`/web/strategies/${path}`, body)),
  )
  if (data === undefined) return <NotYet what="strategies" error={error} />
  return (
    <>
      {change.fault !== undefined && <Notice kind="fault">{change.fault}</Notice>}
      <MadeList
        {...{ what: 'strategy', made: data.strategies, about, loss: lossOf }}
        form={(onClose) => <NewStrategy {...{ onClose, onMade: refresh }} />}
        card={(strategy, onRemove) => (
          <StrategyCard
            key={strategy.id}
            strategy={strategy}
            orders={ordersOf(strategy, orders.data?.orders ?? [])}
            onActive={(isActive) => change.run(String(strategy.id), { isActive })}
            onRemove={onRemove}
          />
        )}
        onRemove={({ id }) => change.run(`${id}/remove`, {})}
      />
    </>
  )
}

function lossOf({ run }: ShownStrategy): string {
  const webhook = 'Its webhook stops working at once.'
  if (run.phase === 'flat') return webhook
  return `It holds a position, which stays open and is looked after no more. ${webhook}`
}

/** An order of a strategy carries its name, and one that it placed by itself a mark of its own behind that. */
function ordersOf({ name }: ShownStrategy, orders: readonly Order[]): readonly Order[] {
  const start = `${name.slice(0, 48)}#`
  return orders.filter(({ strategy }) => strategy === name || strategy.startsWith(start))
}
