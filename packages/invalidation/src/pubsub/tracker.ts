import { CacheError, type Clock } from '@cache/ports'
import type { FamilyConnection } from '@cache/resp'
import { ListeningConnection } from './listening-connection.ts'

export interface TrackerOptions {
  /** Whose server is to be watched. */
  readonly like: FamilyConnection
  readonly clock: Clock
  /** What the keys to be watched begin with. */
  readonly keyPrefix: string
  /** Keys that somebody touched; `undefined` where it may be any: the server was emptied, or is watched from now on. */
  readonly onTouched: (keys: readonly string[] | undefined) => void
  readonly onProblem: (message: string, error: unknown) => void
}

/** Where the server sends what it tracks to a connection of the second version of the protocol. */
const invalidations = '__redis__:invalidate'

/**
 * Watches the keys of one server by `CLIENT TRACKING` in its broadcasting mode: the server remembers nothing but the prefix, and
 * names each key that anything changes, removes or evicts, once for each turn of its event loop. What happens while the
 * connection is lost is not told, so that anything may have been touched once it is watched again.
 */
export class Tracker {
  readonly #link: ListeningConnection
  readonly #options: TrackerOptions
  #state: 'idle' | 'trying' | 'tracking' = 'idle'
  /** Changes with each connection that is made or lost: what was begun on one is not to go on with another. */
  #connections = 0
  #isRefused = false

  constructor(options: TrackerOptions) {
    const { like, clock } = options
    this.#options = options
    this.#link = new ListeningConnection({
      like,
      clock,
      onReady: () => {
        this.#forget()
        void this.#track()
      },
      onAlive: () => this.#track(),
      onLost: () => this.#forget(),
    })
    // As bytes: the libraries would join the list of keys to one text.
    this.#link.connection.on('messageBuffer', (_channel, keys) => this.#take(keys))
  }

  get isConnected(): boolean {
    return this.#link.isConnected
  }

  open(): void {
    this.#link.open()
  }

  close(): void {
    this.#link.close()
  }

  #take(keys: unknown): void {
    if (this.#link.isClosed) return
    this.#options.onTouched(Array.isArray(keys) ? keys.map(String) : undefined)
  }

  #forget(): void {
    this.#connections++
    this.#state = 'idle'
  }

  /** Tried again with the next sign of life. */
  async #track(): Promise<void> {
    if (this.#state !== 'idle' || this.#link.isClosed) return
    this.#state = 'trying'
    const begunOn = this.#connections
    const isSame = (): boolean => this.#connections === begunOn && !this.#link.isClosed
    try {
      await this.#begin(isSame)
      if (!isSame()) return
      this.#state = 'tracking'
      this.#isRefused = false
      this.#take(undefined)
    } catch (error) {
      if (!isSame()) return
      this.#state = 'idle'
      this.#refused(error)
    }
  }

  /** The connection is its own receiver, so that there is no second one to lose. */
  async #begin(isSame: () => boolean): Promise<void> {
    const { connection } = this.#link
    const id = String(await connection.call('client', 'id'))
    // Off first: an attempt that got no further has left its prefix, which can't be named twice.
    if (isSame()) await connection.call('client', 'tracking', 'off')
    const on = ['tracking', 'on', 'redirect', id, 'bcast', 'prefix', this.#options.keyPrefix]
    if (isSame()) await connection.call('client', ...on)
    if (isSame()) await connection.subscribe(invalidations)
  }

  #refused(error: unknown): void {
    if (this.#isRefused || !this.isConnected) return
    this.#isRefused = true
    this.#options.onProblem('Foreign writers are not noticed: the server refuses to track', refusal(error))
  }
}

function refusal(error: unknown): unknown {
  if (!/NOPERM/.test(String(error))) return error
  return new CacheError(
    'BACKEND_REFUSED',
    `The server does not let this user track keys: give it '+client|id +client|tracking +subscribe +ping' and the channel '&${invalidations}', or leave out 'tracking'`,
    { cause: error },
  )
}
