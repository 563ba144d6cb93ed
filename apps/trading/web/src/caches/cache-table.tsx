import type { CacheRow } from '../api/types.ts'
import { bytes, count, milliseconds, percent, short } from '../format.ts'
import { Link } from '../router.tsx'

interface CacheTableProps {
  readonly caches: readonly CacheRow[]
  /** Whose charts are shown. */
  readonly chosen: string | undefined
  readonly onClear: (name: string) => void
  readonly onClearDomain: (domain: string) => void
}

/** The parts of the platform, in the order in which they are shown. */
const domains: Readonly<Record<string, string>> = {
  people: 'People',
  keys: 'API keys',
  broker: 'Broker',
  market: 'Market',
  strategies: 'Strategies',
  telegram: 'Telegram',
  system: 'System',
}

const columns = ['Hit rate', 'Reads', 'Loads', 'Entries', 'In memory', 'Store p50 / p99'] as const

/** Every cache, in the part of the platform that it belongs to. */
export function CacheTable({ caches, chosen, onClear, onClearDomain }: CacheTableProps) {
  const byDomain = Map.groupBy(caches, ({ domain }) => domain)
  const groups = [...new Set([...Object.keys(domains), ...byDomain.keys()])]
  return (
    <table className="table cache-table">
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
      {groups.map((domain) => (
        <tbody key={domain}>
          <tr className="group-row">
            <th scope="rowgroup" colSpan={7}>
              {domains[domain] ?? domain}
            </th>
            <td className="right">
              <button
                type="button"
                className="button button-small button-quiet"
                onClick={() => onClearDomain(domain)}
              >
                Clear all<span className="hidden"> of {domains[domain] ?? domain}</span>
              </button>
            </td>
          </tr>
          {byDomain.get(domain)?.map((row) => (
            <Row key={row.cache} {...{ row, onClear }} isChosen={row.cache === chosen} />
          ))}
        </tbody>
      ))}
    </table>
  )
}

interface RowProps {
  readonly row: CacheRow
  readonly isChosen: boolean
  readonly onClear: CacheTableProps['onClear']
}

function Row({ row, isChosen, onClear }: RowProps) {
  const { cache, hits, misses, hitRate, localShare, loads, entries, storeLatency, sensitive } = row
  const reads = hits + misses
  return (
    <tr data-chosen={isChosen}>
      <td data-name="Cache">
        <Link to={isChosen ? '/caches' : `/caches?cache=${cache}`} className="symbol" current={isChosen}>
          {cache}
        </Link>
        {sensitive && (
          <svg className="lock" viewBox="0 0 16 16" role="img" aria-label="encrypted">
            <title>Encrypted in every tier; its keys are hashed</title>
            <path d="M3.5 7h9v7h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
          </svg>
        )}
        <Remarks row={row} />
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
        {entries === null ? '–' : count(entries)}
        <Budget used={entries ?? 0} budget={row.maxEntries} text={short} />
      </td>
      <td data-name="In memory" className="right number">
        {row.localEntries === 0 ? '–' : `${count(row.localEntries)} · ${bytes(row.localBytes)}`}
      </td>
      <td data-name="Store p50 / p99" className="right number">
        {storeLatency.count === 0
          ? '–'
          : `${milliseconds(storeLatency.p50Ms)} / ${milliseconds(storeLatency.p99Ms)}`}
      </td>
      <td className="right">
        <button type="button" className="button button-small" onClick={() => onClear(cache)}>
          Clear<span className="hidden"> {cache}</span>
        </button>
      </td>
    </tr>
  )
}

/** What is not as it should be. */
function Remarks({ row: { unused, errors, denied, forgeries, loadErrors } }: { readonly row: CacheRow }) {
  const faults = [
    errors > 0 && `${count(errors)} errors`,
    loadErrors > 0 && `${count(loadErrors)} loads failed`,
    forgeries > 0 && `${count(forgeries)} forged entries`,
    denied > 0 && `${count(denied)} calls refused`,
  ].filter(Boolean)
  return (
    <>
      {unused && <span className="sub">not used yet</span>}
      {faults.length > 0 && <span className="sub down">{faults.join(', ')}</span>}
    </>
  )
}

interface BudgetProps {
  readonly used: number
  /** `null` where there is none: `Infinity` in JSON. */
  readonly budget: number | null
  readonly text: (amount: number) => string
}

/** How much of what it may have is in use. */
export function Budget({ used, budget, text }: BudgetProps) {
  if (budget === null) return <span className="sub">no limit</span>
  const share = Math.min(1, used / budget)
  return (
    <span className="sub">
      of {text(budget)}
      {share > 0.8 && <span className={share > 0.95 ? 'down' : 'warn'}> · {percent(share)}</span>}
    </span>
  )
}
