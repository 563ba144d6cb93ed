import type {
  InvalidationMessage,
  InvalidationTransport,
  TransportContext,
  TransportListener,
} from '@cache/ports'
import { refuseUnknown } from '@cache/ports'
import { Session } from './session.ts'

export interface InProcessOptions {
  /** Only transports of one channel hear each other. Default `'default'`. */
  readonly channel?: string | undefined
}

/** The open sessions of each channel and prefix. */
const channels = new Map<string, Set<Session>>()

/**
 * Between several `Caches` of one process. A message has been delivered when the change that it tells of resolves, so
 * that no other `Caches` of the process lags behind.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function inProcess(options: InProcessOptions = {}): InvalidationTransport {
  refuseUnknown(options, ['channel'], 'inProcess')
  return new InProcess(options.channel ?? 'default')
}

class InProcess implements InvalidationTransport {
  readonly name = 'in-process'
  readonly publishedBy = 'engine'
  readonly #channel: string
  readonly #session = new Session('in-process')
  #peers: Set<Session> = new Set()
  #key = ''

  constructor(channel: string) {
    this.#channel = channel
  }

  async start(listener: TransportListener, context: TransportContext): Promise<void> {
    this.#session.begin(listener, context)
    this.#key = JSON.stringify([this.#channel, context.prefix])
    this.#peers = channels.get(this.#key) ?? new Set()
    channels.set(this.#key, this.#peers.add(this.#session))
    this.#session.connected()
  }

  async publish(message: InvalidationMessage): Promise<void> {
    this.#session.refuseClosed()
    for (const peer of this.#peers) if (peer !== this.#session) peer.deliver(message)
  }

  async close(): Promise<void> {
    this.#session.end()
    this.#peers.delete(this.#session)
    if (this.#peers.size === 0 && channels.get(this.#key) === this.#peers) channels.delete(this.#key)
  }
}
