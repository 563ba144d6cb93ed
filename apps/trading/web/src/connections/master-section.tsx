import type { MasterStatus } from '../api/types.ts'
import { useMasterStatus } from '../api/use-events.ts'
import { count, moment } from '../format.ts'
import { Figure, Notice } from '../parts/parts.tsx'
import { MasterProgress } from './master-progress.tsx'
import { useDownload } from './use-broker.ts'

/** The instrument master in use, and a newer one. */
export function MasterSection() {
  const status = useMasterStatus()
  const download = useDownload()
  if (status === undefined) return null
  const { fault, instruments, phase } = status
  const busy = phase === 'importing' || phase === 'restoring'
  return (
    <section className="card" aria-labelledby="master-title">
      <h2 id="master-title">Instrument master</h2>
      {download.fault !== undefined && <Notice kind="fault">{download.fault}</Notice>}
      {fault !== undefined && !busy && (
        <Notice kind="fault">
          {fault.message}{' '}
          {fault.canForce && (
            <button type="button" className="button button-small" onClick={() => download.run(true)}>
              Import it anyway
            </button>
          )}
        </Notice>
      )}
      {instruments === 0 && !busy && <p>None yet. The broker publishes one every trading day.</p>}
      {instruments > 0 && <MasterFacts status={status} />}
      <MasterProgress status={status} />
      <button
        type="button"
        className={instruments === 0 ? 'button button-main' : 'button'}
        onClick={() => download.run(false)}
        disabled={busy || download.busy}
      >
        {busy ? 'Reading…' : instruments === 0 ? 'Download' : 'Download again'}
      </button>
    </section>
  )
}

function MasterFacts({ status }: { readonly status: MasterStatus }) {
  const { instruments, source, importedAtMs, countByExchange, lastImport } = status
  const exchanges = Object.entries(countByExchange).sort(([, left], [, right]) => right - left)
  return (
    <>
      <dl className="figures">
        <Figure name="Instruments">{count(instruments)}</Figure>
        <Figure name="Imported">{importedAtMs === undefined ? '–' : moment(importedAtMs)}</Figure>
        <Figure name="Source">
          <span className="source">{source}</span>
        </Figure>
      </dl>
      <ul className="tags" aria-label="Instruments of each exchange">
        {exchanges.map(([exchange, amount]) => (
          <li key={exchange}>
            {exchange} <span className="number">{count(amount)}</span>
          </li>
        ))}
      </ul>
      {lastImport?.added !== undefined && (
        <p className="note">
          {count(lastImport.added)} added and {count(lastImport.removed ?? 0)} removed in{' '}
          {(lastImport.elapsedMs / 1000).toFixed(1)} s.
        </p>
      )}
      {lastImport !== undefined && lastImport.rowsRejected > 0 && (
        <details>
          <summary>{count(lastImport.rowsRejected)} broken rows were left out</summary>
          <ul className="note">
            {lastImport.rejected.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}
