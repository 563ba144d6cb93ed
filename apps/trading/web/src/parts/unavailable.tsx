import type { RequestError } from '../api/client.ts'
import { Link } from '../router.tsx'
import { Empty } from './parts.tsx'

/** Why a view has nothing to show, with the way to mend it. */
export function Unavailable({ error }: { readonly error: RequestError }) {
  if (error.code === 'BROKER_NOT_CONNECTED') {
    return (
      <Empty title="The broker is not connected">
        <p>Orders and positions are kept by the broker. Its sign-in ends every night at 03:00 IST.</p>
        <Link to="/connections">Connect the broker</Link>
      </Empty>
    )
  }
  return (
    <Empty title="Nothing to show right now">
      <p role="alert">{error.message}</p>
    </Empty>
  )
}
