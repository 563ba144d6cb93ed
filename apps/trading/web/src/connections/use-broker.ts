import { post } from '../api/client.ts'
import { type Action, useAction } from '../api/use-action.ts'

/** Leaves for the broker's own page. */
export function useConnect(): Action<[]> {
  return useAction(async () => {
    const { url } = await post<{ readonly url: string }>('/web/broker/connect')
    window.location.assign(url)
  })
}

export function useDownload(): Action<[force: boolean]> {
  return useAction((force: boolean) => post('/web/master/download', { force }))
}
