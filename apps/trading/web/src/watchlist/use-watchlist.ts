import { post } from '../api/client.ts'
import { type Action, useAction } from '../api/use-action.ts'
import { usePolled } from '../api/use-polled.ts'
import { keyOf } from '../search/instrument-text.ts'

export interface Watched {
  readonly exchange: string
  readonly symbol: string
}

interface WatchlistAnswer {
  readonly watched: readonly Watched[]
}

export interface Watchlist {
  /** `undefined` until the server has answered. */
  readonly watched: readonly Watched[] | undefined
  readonly fault: string | undefined
  readonly has: (one: Watched) => boolean
  readonly add: Action<[one: Watched]>['run']
  readonly remove: Action<[one: Watched]>['run']
  /** To a place, counted from 0. */
  readonly move: Action<[one: Watched, to: number]>['run']
}

const againMs = 30_000

/** What the user watches, as the server keeps it. */
export function useWatchlist(): Watchlist {
  const { data, error, put } = usePolled<WatchlistAnswer>('/web/watchlist', againMs)
  const change = useAction(async (path: string, body: object) =>
    put(await post<WatchlistAnswer>(`/web/watchlist/${path}`, body)),
  )
  const watched = data?.watched
  return {
    watched,
    fault: change.fault ?? (data === undefined ? error?.message : undefined),
    has: (one) => watched?.some((other) => keyOf(other) === keyOf(one)) === true,
    add: ({ exchange, symbol }) => change.run('add', { exchange, symbol }),
    remove: ({ exchange, symbol }) => change.run('remove', { exchange, symbol }),
    move: ({ exchange, symbol }, to) => change.run('move', { exchange, symbol, to }),
  }
}
