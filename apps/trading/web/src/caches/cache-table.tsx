import type { CacheRow } from '../api/types.ts'
import { bytes, count, percent } from '../format.ts'

interface CacheTableProps {
  readonly caches: readonly CacheRow[]
  readonly onClear: (name: string) => void
}

const columns = ['Hit rate', 'Reads', 'Loads', 'Entries', 'In memory', 'Store p50 / p99'] as const

export function CacheTable({ caches, onClear }: CacheTableProps) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Cache</th>
          {columns.map((name) => (
            <th key={name} scope="col" className="right">
              {name}
            </th>
          ))}
          <th scope="col">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {caches.map((row) => (
          <Row key={row.cache} row={row} onClear={onClear} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row, onClear }: { readonly row: CacheRow; readonly onClear: CacheTableProps['onClear'] }) {
  const { cache, hits, misses, hitRate, localShare, loads, entries, localEntries, localBytes, storeLatency } =
    row
  const reads = hits + misses
  return (
    <tr>
      <td data-name="Cache">
        <span className="symbol">{cache}</span>
        {row.unused && <span className="sub">not used yet</span>}
        {row.errors > 0 && <span className="sub down">{count(row.errors)} errors</span>}
      </td>
      <td data-name="Hit rate" className="right number">
        {reads === 0 ? '–' : percent(hitRate)}
        <svg className="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect width="100" height="4" className="meter-track" />
          <rect width={hitRate * 100} height="4" className="meter-l2" />
          <rect width={localShare * 100} height="4" className="meter-l1" />
        </svg>
      </td>
      <td data-name="Reads" className="right number">
        {count(reads)}
      </td>
      <td data-name="Loads" className="right number">
        {count(loads)}
      </td>
      <td data-name="Entries" className="right number">
        {count(entries)}
      </td>
      <td data-name="In memory" className="right number">
        {localEntries === 0 ? '–' : `${count(localEntries)} · ${bytes(localBytes)}`}
      </td>
      <td data-name="Store p50 / p99" className="right number">
        {storeLatency.count === 0
          ? '–'
          : `${milliseconds(storeLatency.p50Ms)} / ${milliseconds(storeLatency.p99Ms)}`}
      </td>
      <td className="right">
        {row.clearable && (
          <button type="button" className="button button-small" onClick={() => onClear(cache)}>
            Clear<span className="hidden"> {cache}</span>
          </button>
        )}
      </td>
    </tr>
  )
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`
}
