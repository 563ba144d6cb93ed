import { useState } from 'react'

import { post } from '../api/client.ts'
import type { Funds, Position, PositionsAnswer } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { useOrderNews } from '../feed/use-feed.ts'
import { direction, rupees, signed } from '../format.ts'
import { Confirm } from '../parts/dialog.tsx'
import { Loading } from '../parts/loading.tsx'
import { Empty, Figure, Notice } from '../parts/parts.tsx'
import { Tabs, useTab } from '../parts/tabs.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link } from '../router.tsx'
import { HoldingsTable } from './holdings-table.tsx'
import { PositionTable } from './position-table.tsx'

const tabs = { positions: 'Positions', holdings: 'Holdings' } as const

export function PositionsPage() {
  const tab = useTab(tabs)
  return (
    <>
      <h1>Positions</h1>
      <Tabs label="What you hold" path="/positions" tabs={tabs} />
      {tab === 'positions' ? <Positions /> : <HoldingsTable />}
    </>
  )
}

/** What is held, what it is worth now, and what is left to trade with. */
function Positions() {
  const { data, error, refresh } = usePolled<PositionsAnswer>('/web/positions', 2000)
  /** One position, or `'all'`. */
  const [asked, setAsked] = useState<Position | 'all'>()
  useOrderNews(refresh)
  const close = useAction(async (only: object) => {
    await post('/web/positions/close', only)
    refresh()
  })
  if (error !== undefined) return <Unavailable error={error} />
  if (data === undefined) return <Loading what="positions" />
  const open = data.positions.filter(({ quantity }) => quantity !== 0)
  return (
    <>
      <FundsLine funds={data.funds} />
      {close.fault !== undefined && <Notice kind="fault">{close.fault}</Notice>}
      {data.positions.length === 0 ? (
        <Empty title="No positions">
          <p>An order that fills becomes a position here, with its profit or loss as prices move.</p>
          <Link to="/">Go to the trading desk</Link>
        </Empty>
      ) : (
        <PositionTable positions={data.positions} onClose={setAsked} />
      )}
      {open.length > 1 && (
        <div className="toolbar">
          <button type="button" className="button" onClick={() => setAsked('all')}>
            Close all {open.length}
          </button>
        </div>
      )}
      {asked !== undefined && (
        <Confirm
          title={asked === 'all' ? `Close ${open.length} positions?` : `Close ${asked.symbol}?`}
          text={
            asked === 'all'
              ? 'Each is ended with an order at the market.'
              : `An order at the market ${asked.quantity > 0 ? 'sells' : 'buys'} ${Math.abs(asked.quantity)}.`
          }
          verb={asked === 'all' ? 'Close them all' : 'Close it'}
          onConfirm={() => close.run(asked === 'all' ? {} : placeOf(asked))}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

function placeOf({ symbol, exchange, product }: Position): object {
  return { symbol, exchange, product }
}

function FundsLine({ funds }: { readonly funds: Funds }) {
  const total = funds.realisedPnl + funds.unrealisedPnl
  return (
    <dl className="figures figures-wide">
      <Figure name="Profit and loss">
        <span className={direction(total)}>{signed(total)}</span>
      </Figure>
      <Figure name="Available">{rupees(funds.availableCash)}</Figure>
      <Figure name="Margin in use">{rupees(funds.utilisedMargin)}</Figure>
      <Figure name="Realised">
        <span className={direction(funds.realisedPnl)}>{signed(funds.realisedPnl)}</span>
      </Figure>
    </dl>
  )
}
