import type { MasterStatus } from '../api/types.ts'
import { count } from '../format.ts'

/** How far the reading of a master is. */
export function MasterProgress({ status }: { readonly status: MasterStatus }) {
  const { progress, phase } = status
  if (phase === 'restoring') return <p role="status">Loading the instruments from your last session…</p>
  if (progress === undefined) return null
  const { rowsRead, expectedRows, label } = progress
  return (
    <div className="progress" role="status">
      <p>
        Reading {label}: <strong className="number">{count(rowsRead)}</strong>
        {expectedRows === undefined ? ' rows' : ` of ${count(expectedRows)} rows`}
      </p>
      <progress
        aria-label="Rows read"
        max={expectedRows}
        value={expectedRows === undefined ? undefined : rowsRead}
      />
    </div>
  )
}
