import { CacheError, refuseUnknown } from '@cache/ports'
import type { Clock, InvalidationTransport, Timer, TransportContext, TransportListener } from '@cache/ports'
import { isFamilyCluster, KeyLayout, parseChangeMessage } from '@cache/resp'
import type { FamilyClient, FamilyConnection } from '@cache/resp'
import { Session } from '../session.ts'
import { NodeTrackers } from './node-trackers.ts'
import { Subscriber } from './subscriber.ts'

/** A backend of the Redis family. */
export interface PubSubBackend {
  /** The client that it works with; subscriptions have connections of their own to the same servers. */
  readonly client: FamilyClient
}

export interface PubSubOptions {
  /** What `redis()` or `valkey()` returned. */
  readonly backend: PubSubBackend
  /**
   * Notice foreign writers, such as another program or a person that deletes, overwrites or expires entries, `FLUSHALL`, and
   * entries that the server evicts: by `CLIENT TRACKING` in its broadcasting mode, on one more connection to each primary.
   * `false` by default.
   */
  readonly tracking?: boolean | undefined
}

/** Longer messages are not read: what they tell is found in the store's log. */
const maxTextLength = 8 * 1024 * 1024

/** Whether channels are still where they were is looked at this often, on a cluster. */
const routeEveryMs = 1000

/**
 * Between hosts: what the scripts of `@cache/redis` and `@cache/valkey` publish with each change. Messages that are lost
 * while a connection is, are found in the store's log.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function pubSub(options: PubSubOptions): InvalidationTransport {
  refuseUnknown(options, ['backend', 'tracking'], 'pubSub')
  if (typeof options.backend !== 'object' || options.backend === null || !('client' in options.backend))
    throw new CacheError('INVALID_OPTION', 'pubSub: backend must be what redis() or valkey() returned')
  const { backend, tracking = false } = options
  if (typeof tracking !== 'boolean')
    throw new CacheError('INVALID_OPTION', 'pubSub: tracking must be true or false')
  return new PubSub(backend, tracking)
}

class PubSub implements InvalidationTransport {
  readonly name = 'pub-sub'
  readonly publishedBy = 'backend'
  readonly #backend: PubSubBackend
  readonly #session = new Session('pub-sub')
  /** The caches to listen to, by channel. */
  readonly #caches = new Map<string, string>()
  readonly #followed = new Set<string>()
  /** By the address of a cluster's node; one without an address elsewhere. */
  readonly #subscribers = new Map<string, Subscriber>()
  readonly #isTracking: boolean
  #trackers: NodeTrackers | undefined
  #context: TransportContext | undefined
  #timer: Timer | undefined
  readonly follow: (cache: string) => void = (cache) => {
    this.#followed.add(cache)
    if (this.#session.isOpen) this.#listen(cache)
  }

  constructor(backend: PubSubBackend, isTracking: boolean) {
    this.#backend = backend
    this.#isTracking = isTracking
  }

  async start(listener: TransportListener, context: TransportContext): Promise<void> {
    this.#session.begin(listener, context)
    this.#context = context
    const { client } = this.#backend
    if (isFamilyCluster(client)) this.#routeLater(context.clock)
    else this.#subscriber('', client)
    for (const cache of this.#followed) this.#listen(cache)
    if (this.#isTracking) this.#trackers = this.#openTrackers(context)
  }

  async publish(): Promise<void> {
    this.#session.refuseClosed()
    throw new CacheError('TRANSPORT_FAILED', 'pub-sub carries what the backend publishes by itself')
  }

  async close(): Promise<void> {
    this.#session.end()
    this.#timer?.cancel()
    for (const subscriber of this.#subscribers.values()) subscriber.close()
    this.#subscribers.clear()
    this.#trackers?.close()
  }

  #openTrackers({ prefix, clock }: TransportContext): NodeTrackers {
    const session = this.#session
    const trackers = new NodeTrackers({
      prefix,
      clock,
      isFollowed: (cache) => this.#followed.has(cache),
      onTouched: (entries) => session.touched(entries),
      onProblem: (message, error) => session.report(message, error),
    })
    trackers.watch(this.#primaries())
    return trackers
  }

  /** By their addresses. */
  #primaries(): ReadonlyMap<string, FamilyConnection> {
    const { client } = this.#backend
    if (!isFamilyCluster(client)) return new Map([['', client]])
    return new Map(client.nodes('master').map((node) => [addressOf(node), node]))
  }

  #listen(cache: string): void {
    const { channel, slot } = new KeyLayout(this.#context?.prefix ?? '', cache)
    this.#caches.set(channel, cache)
    this.#route(channel, slot)
  }

  /** Puts a channel where it belongs, if that is known. */
  #route(channel: string, slot: number): void {
    const { client } = this.#backend
    if (!isFamilyCluster(client)) {
      this.#subscribers.get('')?.add(channel)
      return
    }
    const address = client.slots[slot]?.[0]
    const node = client.nodes('master').find((each) => addressOf(each) === address)
    if (address === undefined || !node) {
      this.#learnSlots()
      return
    }
    const subscriber = this.#subscribers.get(address) ?? this.#subscriber(address, node)
    if (subscriber.channels.has(channel)) return
    this.#leave(channel)
    subscriber.add(channel)
  }

  #learnSlots(): void {
    const { client } = this.#backend
    // What comes of it is seen when channels are routed the next time.
    if (isFamilyCluster(client)) client.refreshSlotsCache(() => undefined)
  }

  /** Slots move, and nodes are replaced. */
  #routeLater(clock: Clock): void {
    this.#timer = clock.setTimer(routeEveryMs, () => {
      if (!this.#session.isOpen) return
      for (const cache of this.#followed) this.#listen(cache)
      this.#trackers?.watch(this.#primaries())
      // A node that does not answer may have been replaced, which nobody tells a process that only listens.
      const subscribers = [...this.#subscribers.values()]
      const areConnected = subscribers.every(({ isConnected }) => isConnected)
      if (!areConnected || this.#trackers?.areConnected === false) this.#learnSlots()
      this.#routeLater(clock)
    })
  }

  /** Ends the connection that the channel was heard on; other channels of it are routed anew. */
  #leave(channel: string): void {
    for (const [address, subscriber] of this.#subscribers) {
      if (!subscriber.channels.has(channel)) continue
      this.#subscribers.delete(address)
      subscriber.close()
    }
  }

  #subscriber(address: string, like: FamilyConnection): Subscriber {
    const session = this.#session
    const subscriber = new Subscriber({
      like,
      isSharded: isFamilyCluster(this.#backend.client),
      clock: this.#context?.clock ?? missingClock(),
      events: {
        onMessage: (channel, text) => this.#take(channel, text),
        onSubscribed: () => session.connected(),
        onMoved: () => this.#learnSlots(),
        onProblem: (message, error) => session.report(message, error),
      },
    })
    this.#subscribers.set(address, subscriber)
    subscriber.open()
    return subscriber
  }

  #take(channel: string, text: string): void {
    const cache = this.#caches.get(channel)
    if (cache === undefined) return
    const message = text.length <= maxTextLength ? parseChangeMessage(text) : undefined
    this.#session.deliver(message && { cache, epoch: message.epoch, invalidation: message.invalidation })
  }
}

function addressOf({ options }: FamilyConnection): string {
  return `${options.host ?? 'localhost'}:${options.port ?? 6379}`
}

function missingClock(): never {
  throw new CacheError('CLOSED', 'pub-sub is not open')
}
