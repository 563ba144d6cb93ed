import { usePolled } from '../api/use-polled.ts'
import { useMasterStatus } from '../api/use-events.ts'
import type { BrokerAnswer } from '../api/types.ts'
import { Loading } from '../parts/loading.tsx'
import { Empty, Notice } from '../parts/parts.tsx'
import { MasterProgress } from '../connections/master-progress.tsx'
import { navigate, useAddress } from '../router.tsx'
import { SearchPanel } from '../search/search-panel.tsx'
import { useWatchlist } from '../watchlist/use-watchlist.ts'
import { WatchlistPanel } from '../watchlist/watchlist-panel.tsx'
import { GettingStarted } from './getting-started.tsx'
import { InstrumentPanel } from './instrument-panel.tsx'

/** Search on one side, the chosen instrument on the other. */
export function TradePage() {
  const broker = usePolled<BrokerAnswer>('/web/broker', 15_000)
  const master = useMasterStatus()
  const watchlist = useWatchlist()
  const chosen = useAddress().searchParams.get('s')
  if (broker.error !== undefined && broker.data === undefined)
    return <Notice kind="fault">{broker.error.message}</Notice>
  if (broker.data === undefined || master === undefined) return <Loading what="the trading desk" />
  if (broker.data.connection === null || master.instruments === 0) {
    return <GettingStarted broker={broker.data} master={master} />
  }
  const [exchange = '', ...symbol] = (chosen ?? '').split(':')
  return (
    <div className="desk" data-chosen={chosen !== null}>
      <h1 className="hidden">Trade</h1>
      <div className="desk-search">
        <MasterProgress status={master} />
        <SearchPanel
          exchanges={Object.keys(master.countByExchange)}
          instruments={master.instruments}
          chosen={chosen ?? undefined}
          idle={<WatchlistPanel watchlist={watchlist} chosen={chosen ?? undefined} />}
          onChoose={(key) => navigate(`/?s=${encodeURIComponent(key)}`, { replace: chosen === key })}
        />
      </div>
      <div className="desk-instrument">
        {chosen === null ? (
          <Empty title="No instrument chosen">
            <p>Search for one and press Enter. Its live price and an order ticket appear here.</p>
          </Empty>
        ) : (
          <InstrumentPanel key={chosen} {...{ exchange, watchlist }} symbol={symbol.join(':')} />
        )}
      </div>
    </div>
  )
}
