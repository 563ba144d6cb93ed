import type { Order } from '../api/types.ts'
import { useTick } from '../feed/use-feed.ts'
import { direction, moment, price, rupees, signed } from '../format.ts'
import { keyOf } from '../search/instrument-text.ts'
import { MadeHeader } from './made-header.tsx'
import type { ShownStrategy } from './types.ts'
import { WebhookAddress } from './webhook-address.tsx'

interface StrategyCardProps {
  readonly strategy: ShownStrategy
  /** Its own, the newest first. */
  readonly orders: readonly Order[]
  readonly onActive: (isActive: boolean) => void
  readonly onRemove: () => void
}

/** One strategy: its webhook, its rules, what it holds now, and what it did. */
export function StrategyCard({ strategy, orders, onActive, onRemove }: StrategyCardProps) {
  const { symbols, rules, webhook } = strategy
  const heading = `strategy-${strategy.id}`
  const [first] = symbols
  return (
    <article className="card" aria-labelledby={heading}>
      <MadeHeader id={heading} made={strategy} {...{ onActive, onRemove }} />
      <ul className="tags" aria-label="Symbols">
        {symbols.map((one) => (
          <li key={keyOf(one)}>
            {one.symbol} <span className="number">{`${one.quantity} · ${one.product}`}</span>
          </li>
        ))}
      </ul>
      <p className="note">{rulesText(rules)}</p>
      <RunLine run={strategy.run} />
      <WebhookAddress
        path={webhook}
        body={{ symbol: first?.symbol ?? '', exchange: first?.exchange ?? '', action: 'BUY' }}
      />
      {orders.length > 0 && (
        <details>
          <summary>{orders.length === 1 ? 'One order' : `${orders.length} orders`} of its runs</summary>
          <ul className="plain-list runs">
            {orders.map((order) => (
              <li key={order.orderId}>
                <span className="number muted">{moment(order.placedAtMs)}</span>{' '}
                <span className={`side side-${order.action.toLowerCase()}`}>{order.action}</span>{' '}
                {order.quantity} {order.symbol} {order.averagePrice > 0 && `at ${price(order.averagePrice)}`}{' '}
                <span className={`badge badge-${order.status.replace(' ', '-')}`}>{order.status}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </article>
  )
}

function rulesText({
  stopLossPercent,
  targetPercent,
  exitAt,
  exitAfterDays,
}: ShownStrategy['rules']): string {
  const days =
    exitAfterDays === 0
      ? 'the same day'
      : exitAfterDays === 1
        ? 'the next day'
        : `${exitAfterDays} days later`
  const ends = [
    stopLossPercent !== undefined && `at a loss of ${stopLossPercent} %`,
    targetPercent !== undefined && `at a gain of ${targetPercent} %`,
    exitAt !== undefined && `at ${exitAt} IST ${days}`,
  ].filter((text) => text !== false)
  if (ends.length === 0) return 'Trades when its webhook is called, and does nothing by itself.'
  return `Enters when its webhook is called, and ends the position ${ends.join(', or ')}.`
}

/** What it holds or waits for. */
function RunLine({ run }: { readonly run: ShownStrategy['run'] }) {
  const held = run.phase === 'holding' || run.phase === 'exiting' ? run : undefined
  const ltp = useTick(held && keyOf(held.ticket))?.ltp
  if (run.phase === 'flat') {
    return (
      <p className="run">
        Holds nothing{run.lastExit === undefined ? '' : `; ended last by ${run.lastExit}`}.
      </p>
    )
  }
  if (run.phase === 'entering') {
    return (
      <p className="run">
        <span className="badge badge-open">entering</span> {run.ticket.action} {run.ticket.quantity}{' '}
        {run.ticket.symbol}
      </p>
    )
  }
  const gain =
    ltp === undefined ? undefined : (ltp - run.price) * run.quantity * (run.ticket.action === 'BUY' ? 1 : -1)
  return (
    <p className="run">
      <span className={run.phase === 'holding' ? 'badge badge-complete' : 'badge badge-open'}>
        {run.phase}
      </span>{' '}
      {run.ticket.action === 'BUY' ? '' : '−'}
      {run.quantity} {run.ticket.symbol} at {rupees(run.price)} since {moment(run.sinceMs)}
      {gain !== undefined && <strong className={`number ${direction(gain)}`}> {signed(gain)}</strong>}
    </p>
  )
}
