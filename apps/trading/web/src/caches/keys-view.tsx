import { useState } from 'react'

import { post } from '../api/client.ts'
import type { RotationStatus } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { count, moment } from '../format.ts'
import { Confirm } from '../parts/dialog.tsx'
import { NotYet } from '../parts/not-yet.tsx'
import { Notice } from '../parts/parts.tsx'
import { useConsole } from './use-console.ts'

const states: Readonly<Record<string, string>> = {
  pending: 'is given to every process before it seals',
  primary: 'seals what is written, and opens it',
  'decrypt-only': 'opens what it sealed while it was the primary one',
  disabled: 'is not used',
  destroyed: 'is gone for good',
}

/** The keys that seal sensitive entries, and a new one while everything is in use. */
export function KeysView() {
  const [pace, setPace] = useState(5000)
  const { data, error, put } = useConsole<RotationStatus>('/web/caches/rotation', pace)
  const [asks, setAsks] = useState(false)
  const begin = useAction(async (newKey: boolean) =>
    put(await post<RotationStatus>('/web/caches/rotation', { newKey })),
  )
  const wanted = data?.phase === 'running' ? 300 : 5000
  if (pace !== wanted) setPace(wanted)
  if (data === undefined) return <NotYet what="keys" error={error} />
  return (
    <section className="card" aria-labelledby="keys-heading">
      <h2 id="keys-heading">Keys of the sensitive caches</h2>
      <p className="note">
        Secrets are encrypted in memory and in the store. A new key seals every entry anew, in small steps,
        while the caches are in use: nobody is signed out.
      </p>
      {begin.fault !== undefined && <Notice kind="fault">{begin.fault}</Notice>}
      <Progress status={data} onGoOn={() => begin.run(false)} />
      <KeyTable keys={data.keys} />
      <button
        type="button"
        className="button button-main"
        disabled={data.phase === 'running' || begin.busy}
        onClick={() => setAsks(true)}
      >
        Rotate keys
      </button>
      {asks && (
        <Confirm
          title="Make a new key?"
          text="Every sensitive entry is sealed with it. The key before stays, to open what other instances still write with it for half a minute."
          verb="Rotate"
          danger={false}
          onConfirm={() => begin.run(true)}
          onClose={() => setAsks(false)}
        />
      )}
    </section>
  )
}

function KeyTable({ keys }: Pick<RotationStatus, 'keys'>) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">State</th>
          <th scope="col">Made</th>
        </tr>
      </thead>
      <tbody>
        {keys.toReversed().map(({ id, state, createdAt }) => (
          <tr key={id}>
            <td data-name="Key" className="code">
              {id}
            </td>
            <td data-name="State">
              <span className={state === 'primary' ? 'badge badge-complete' : 'badge'}>{state}</span>
              <span className="sub">{states[state]}</span>
            </td>
            <td data-name="Made" className="number">
              {createdAt === '' ? '–' : moment(Date.parse(createdAt))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Progress({ status, onGoOn }: { readonly status: RotationStatus; readonly onGoOn: () => void }) {
  const { phase, progress, endedAtMs, fault } = status
  const resealed = count(progress?.resealed ?? 0)
  if (phase === 'idle') return null
  if (phase === 'running') {
    const [done, toDo] = [progress?.cachesDone ?? 0, progress?.cachesToDo]
    return (
      <div className="progress" role="status">
        <p>
          Sealing {progress?.cache ?? '…'}: {resealed} entries so far
        </p>
        <progress
          aria-label="Caches that are done"
          value={toDo === undefined ? undefined : done}
          max={toDo}
        />
      </div>
    )
  }
  if (phase === 'stopped') {
    return (
      <Notice kind="fault">
        The rotation was cut short. {fault}{' '}
        <button type="button" className="button button-small" onClick={onGoOn}>
          Go on
        </button>
      </Notice>
    )
  }
  return (
    <Notice kind="good">
      Every sensitive entry is sealed with the new key: {resealed} of {count(progress?.scanned ?? 0)} were
      sealed anew
      {endedAtMs === undefined ? '' : `, ${moment(endedAtMs)}`}.
      {(progress?.unreadable ?? 0) > 0 && ` ${count(progress?.unreadable ?? 0)} could not be opened.`}
    </Notice>
  )
}
