import { resolve } from 'node:path'
import { CacheError, refuseUnknown } from '@cache/ports'
import type {
  InvalidationMessage,
  InvalidationTransport,
  Timer,
  TransportContext,
  TransportListener,
} from '@cache/ports'
import type { Subscriber, XPublisher } from 'zeromq'
import { Session } from '../session.ts'
import { maxTextLength, messageText, readMessage } from '../wire/message-text.ts'
import { loadZeromq } from './load-zeromq.ts'
import { SocketDirectory } from './socket-directory.ts'

export interface ZeromqOptions {
  /** Where the processes of one host meet: a directory on a local disk, made for its owner alone if it is not there. */
  readonly directory: string
}

/** Messages that wait for a slow peer, on either side; further ones are lost, and found by their sequence. */
const highWaterMark = 4096

/** Publications that wait to be handed over. */
const maxWaiting = 1024

/** Bytes of one message: each UTF-16 unit takes at most three. */
const maxMessageBytes = maxTextLength * 3 + 128

/** The directory is looked through again after this long, should the system have failed to tell of a change. */
const rescanMs = 10_000

/** Messages under way when a process closes have this long to leave it. */
const lingerMs = 100

/**
 * Between the processes of one host, without a server: each binds a socket of its own in a common directory and
 * subscribes to those of all others, so that any may come or go, in any order.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function zeromq(options: ZeromqOptions): InvalidationTransport {
  refuseUnknown(options, ['directory'], 'zeromq')
  if (typeof options.directory !== 'string' || options.directory === '')
    throw new CacheError('INVALID_OPTION', 'zeromq: directory must be the path of a directory')
  return new ZeromqTransport(new SocketDirectory(resolve(options.directory)))
}

class ZeromqTransport implements InvalidationTransport {
  readonly name = 'zeromq'
  readonly publishedBy = 'engine'
  readonly #directory: SocketDirectory
  readonly #session = new Session('zeromq')
  /** The paths of the sockets that it is connected to. */
  readonly #peers = new Set<string>()
  #publisher: XPublisher | undefined
  #subscriber: Subscriber | undefined
  #topic = ''
  #sending: Promise<void> = Promise.resolve()
  #waiting = 0
  #scanning: Promise<void> | undefined
  #isStale = false
  #rescan: Timer | undefined

  constructor(directory: SocketDirectory) {
    this.#directory = directory
  }

  async start(listener: TransportListener, context: TransportContext): Promise<void> {
    this.#session.begin(listener, context)
    this.#topic = `${context.prefix} `
    try {
      const { Subscriber, XPublisher } = await loadZeromq()
      await this.#directory.prepare()
      this.#publisher = await this.#publish(
        new XPublisher({ sendHighWaterMark: highWaterMark, linger: lingerMs }),
      )
      this.#subscriber = this.#subscribe(
        new Subscriber({
          receiveHighWaterMark: highWaterMark,
          maxMessageSize: maxMessageBytes,
          linger: 0,
        }),
      )
      this.#directory.watch(
        () => void this.#scan(),
        (error) => this.#session.report('The directory of the processes is no longer watched', error),
      )
      await this.#scan()
      this.#scanLater(context)
      this.#session.connected()
    } catch (error) {
      await this.close()
      if (error instanceof CacheError) throw error
      throw new CacheError('TRANSPORT_FAILED', 'zeromq: no socket could be made in directory', {
        cause: error,
      })
    }
  }

  async publish(message: InvalidationMessage): Promise<void> {
    this.#session.refuseClosed()
    const frame = this.#topic + messageText(message)
    if (this.#waiting >= maxWaiting)
      throw new CacheError('TRANSPORT_FAILED', 'zeromq: too many messages wait')
    this.#waiting++
    // A socket takes one message at a time.
    const sent = this.#sending.then(() => this.#publisher?.send(frame))
    this.#sending = sent.then(
      () => void this.#waiting--,
      () => void this.#waiting--,
    )
    await sent
  }

  async close(): Promise<void> {
    this.#session.end()
    this.#rescan?.cancel()
    await this.#scanning
    await this.#sending
    await this.#directory.leave()
    this.#publisher?.close()
    this.#subscriber?.close()
  }

  /** Each peer that subscribes is greeted: from then on it hears everything. */
  async #publish(publisher: XPublisher): Promise<XPublisher> {
    publisher.welcomeMessage = this.#topic
    await publisher.bind(`ipc://${this.#directory.bindPath}`)
    await this.#directory.announce()
    void ignoreAll(publisher)
    return publisher
  }

  #subscribe(subscriber: Subscriber): Subscriber {
    subscriber.subscribe(this.#topic)
    subscriber.events.on('disconnect', ({ address }) => this.#lost(address))
    void this.#receive(subscriber)
    return subscriber
  }

  async #receive(subscriber: Subscriber): Promise<void> {
    try {
      for await (const [frame] of subscriber) {
        const text = frame?.toString('utf8', this.#topic.length)
        if (text === '') this.#session.connected()
        else this.#session.deliver(readMessage(text))
      }
    } catch (error) {
      this.#session.report('Messages are no longer received', error)
    }
  }

  /** The peer has gone, or sent something that it may not: it is looked for again. */
  #lost(address: string): void {
    const path = address.replace(/^ipc:\/\//, '')
    if (!this.#session.isOpen || !this.#peers.delete(path)) return
    try {
      this.#subscriber?.disconnect(address)
    } catch (error) {
      this.#session.report('A connection to another process could not be ended', error)
    }
    void this.#scan()
  }

  /** One run at a time, and another one after it if something changed meanwhile. */
  #scan(): Promise<void> {
    this.#isStale = true
    this.#scanning ??= this.#scanUntilStill().finally(() => {
      this.#scanning = undefined
    })
    return this.#scanning
  }

  async #scanUntilStill(): Promise<void> {
    while (this.#isStale && this.#session.isOpen) {
      this.#isStale = false
      await this.#connectAll()
    }
  }

  async #connectAll(): Promise<void> {
    for (const path of await this.#directory.peers()) {
      if (this.#peers.has(path) || !(await this.#directory.isAlive(path))) continue
      if (!this.#session.isOpen) return
      this.#peers.add(path)
      this.#subscriber?.connect(`ipc://${path}`)
    }
  }

  #scanLater(context: TransportContext): void {
    this.#rescan = context.clock.setTimer(rescanMs, () => {
      if (!this.#session.isOpen) return
      void this.#scan()
      this.#scanLater(context)
    })
  }
}

/** Subscriptions that nobody reads would pile up. */
async function ignoreAll(publisher: XPublisher): Promise<void> {
  for await (const subscription of publisher) void subscription
}
