import type { CacheRow } from '../api/types.ts'
import { bytes, count, milliseconds, percent, span } from '../format.ts'
import { Figure } from '../parts/parts.tsx'

/** Everything that was counted of one cache, tier by tier. */
export function CacheFacts({ row }: { readonly row: CacheRow }) {
  const { localHits, storeHits, staleHits, aloneHits, misses, loads, joins, evictions, refusals } = row
  const reads = row.hits + misses
  const dropped = Object.entries(evictions).filter(([, amount]) => amount > 0)
  const refused = Object.values(refusals).reduce((sum, amount) => sum + amount, 0)
  const share = (part: number): string => (reads === 0 ? '' : ` · ${percent(part / reads)}`)
  return (
    <section className="card" aria-label={`Figures of ${row.cache}`}>
      <dl className="figures">
        <Figure name="From memory">
          {count(localHits)}
          {share(localHits)}
        </Figure>
        <Figure name="From the store">
          {count(storeHits)}
          {share(storeHits)}
        </Figure>
        <Figure name="Misses">
          {count(misses)}
          {share(misses)}
        </Figure>
        <Figure name="Stale, served meanwhile">{count(staleHits)}</Figure>
        <Figure name="While the store was away">{count(aloneHits)}</Figure>
        <Figure name="Loads">
          {count(loads)}
          {row.loadErrors > 0 && <span className="sub down">{count(row.loadErrors)} failed</span>}
        </Figure>
        <Figure name="Waited for another’s load">{count(joins)}</Figure>
        <Figure name="Load, median and 99 %">
          {row.loadLatency.count === 0
            ? '–'
            : `${milliseconds(row.loadLatency.p50Ms)} / ${milliseconds(row.loadLatency.p99Ms)}`}
        </Figure>
        <Figure name="Writes">{count(row.writes)}</Figure>
        <Figure name="Made unreadable">
          {count(row.keysDeleted)} keys
          <span className="sub">
            {count(row.tagInvalidations)} by tag · {count(row.clears)} cleared
          </span>
        </Figure>
        <Figure name="Fills refused">
          {count(refused)}
          <span className="sub">an invalidation came first</span>
        </Figure>
        <Figure name="Dropped">
          {dropped.length === 0 ? '0' : dropped.map(([why, amount]) => `${count(amount)} ${why}`).join(', ')}
        </Figure>
        <Figure name="In memory">
          {count(row.localEntries)}
          <span className="sub">{bytes(row.localBytes)}</span>
        </Figure>
        <Figure name="Counted for">{span(row.uptimeMs)}</Figure>
      </dl>
    </section>
  )
}
