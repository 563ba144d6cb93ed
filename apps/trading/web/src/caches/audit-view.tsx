import { useState } from 'react'

import type { AuditEntry } from '../api/types.ts'
import { moment } from '../format.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Choice, Empty } from '../parts/parts.tsx'
import { useConsole } from './use-console.ts'

interface AuditAnswer {
  readonly kept: boolean
  readonly entries: readonly AuditEntry[]
}

const counts = ['50', '200', '500'] as const
const selections = { All: 'all', Invalidations: 'ends', Refused: 'refused' } as const

type Selection = keyof typeof selections

/** Who did what with the sensitive caches of this instance, the newest first. */
export function AuditView() {
  const [count, setCount] = useState<(typeof counts)[number]>('50')
  const [selection, setSelection] = useState<Selection>('All')
  const path = `/web/caches/audit?count=${count}&of=${selections[selection]}`
  const { data, error } = useConsole<AuditAnswer>(path, 3000)
  return (
    <>
      <div className="toolbar">
        <Choice
          {...{ legend: 'Show', name: 'selection', className: 'choice-bare', value: selection }}
          options={Object.keys(selections) as Selection[]}
          onChange={setSelection}
        />
        <Choice
          {...{ legend: 'Records', name: 'count', className: 'choice-bare', options: counts, value: count }}
          onChange={setCount}
        />
      </div>
      {data === undefined ? <NotYet what="the audit trail" error={error} /> : <Records answer={data} />}
    </>
  )
}

function Records({ answer: { kept, entries } }: { readonly answer: AuditAnswer }) {
  if (!kept) {
    return (
      <Empty title="No audit is kept">
        <p>Set CACHE_AUDIT_ENABLED=true and start the app again: who did what then stands here.</p>
      </Empty>
    )
  }
  if (entries.length === 0) {
    return (
      <Empty title="Nothing of that was recorded">
        <p>Each call of a cache that holds secrets leaves a record within a second.</p>
      </Empty>
    )
  }
  return (
    <>
      <p className="note">
        Keys are hashed. Whether any record was altered is told by the command <code>cache audit verify</code>
        .
      </p>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">Did</th>
            <th scope="col">Key, as a hash</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.seq} entry={entry} />
          ))}
        </tbody>
      </table>
    </>
  )
}

function Row({ entry }: { readonly entry: AuditEntry }) {
  const { seq, time, cache, operation, key, caller, hit, outcome, code, instance } = entry
  return (
    <tr>
      <td data-name="Time" className="number">
        {moment(Date.parse(time))}
        <span className="sub">
          № {seq} · {instance}
        </span>
      </td>
      <td data-name="Who">{caller ?? <span className="muted">no caller</span>}</td>
      <td data-name="Did">
        {operation} <span className="sub">{cache}</span>
      </td>
      <td data-name="Key, as a hash" className="code">
        {key === undefined ? '–' : key.slice(0, 22)}
      </td>
      <td data-name="Outcome">
        <span className={outcome === 'done' || outcome === 'begun' ? 'badge' : 'badge badge-rejected'}>
          {outcome}
        </span>
        {hit !== undefined && <span className="sub">{hit ? 'hit' : 'miss'}</span>}
        {code !== undefined && <span className="sub">{code}</span>}
      </td>
    </tr>
  )
}
