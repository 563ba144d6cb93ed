import { post } from '../api/client.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { moment } from '../format.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Notice } from '../parts/parts.tsx'

interface OwnSession {
  readonly handle: string
  readonly createdAtMs: number
  readonly clientAddress: string
  readonly current: boolean
}

/** Where somebody is signed in; ending a session there ends it in every instance. */
export function OwnSessions() {
  const { data, error, refresh } = usePolled<readonly OwnSession[]>('/web/sessions', 15_000)
  const end = useAction(async (handle: string) => {
    await post('/web/sessions/end', { handle })
    refresh()
  })
  const endOthers = useAction(async () => {
    await post('/web/sessions/end-others')
    refresh()
  })
  const fault = end.fault ?? endOthers.fault
  return (
    <section className="card" aria-labelledby="sessions-title">
      <div className="toolbar">
        <h2 id="sessions-title">Where you are signed in</h2>
        {data !== undefined && data.length > 1 && (
          <button
            type="button"
            className="button button-small"
            disabled={endOthers.busy}
            onClick={endOthers.run}
          >
            Sign out everywhere else
          </button>
        )}
      </div>
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      {data === undefined && <NotYet what="your sessions" error={error} />}
      {data !== undefined && <SessionTable sessions={data} onEnd={end.run} />}
    </section>
  )
}

interface SessionTableProps {
  readonly sessions: readonly OwnSession[]
  readonly onEnd: (handle: string) => void
}

function SessionTable({ sessions, onEnd }: SessionTableProps) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Since</th>
          <th scope="col">From</th>
          <th scope="col">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map(({ handle, createdAtMs, clientAddress, current }) => (
          <tr key={handle}>
            <td data-name="Since" className="number">
              {moment(createdAtMs)}
            </td>
            <td data-name="From">{clientAddress}</td>
            <td className="right">
              {current ? (
                'this browser'
              ) : (
                <button type="button" className="button button-small" onClick={() => onEnd(handle)}>
                  End<span className="hidden"> the session since {moment(createdAtMs)}</span>
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
