import type { RequestError } from '../api/client.ts'
import { Loading } from './loading.tsx'
import { Unavailable } from './unavailable.tsx'

/** In the place of what has not been answered: it is on its way, or why it does not come. */
export function NotYet({ what, error }: { readonly what: string; readonly error: RequestError | undefined }) {
  return error === undefined ? <Loading what={what} /> : <Unavailable error={error} />
}
