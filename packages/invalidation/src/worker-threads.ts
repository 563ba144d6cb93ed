import { BroadcastChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { CacheError, refuseUnknown } from '@cache/ports'
import type {
  InvalidationMessage,
  InvalidationTransport,
  TransportContext,
  TransportListener,
} from '@cache/ports'
import { Session } from './session.ts'
import { messageText, readMessage } from './wire/message-text.ts'

export interface WorkerThreadsOptions {
  /** Only transports of one channel hear each other. Default `'cache-invalidation'`. */
  readonly channel?: string | undefined
  /**
   * Made by {@link sharedSequence} in one thread and handed to the others as `workerData`. With it a thread that reads
   * has applied every change that any thread of the process was told of, without waiting for its event loop.
   */
  readonly shared?: SharedArrayBuffer | undefined
}

/** What the threads of a process count their messages in. */
export function sharedSequence(): SharedArrayBuffer {
  return new SharedArrayBuffer(Uint32Array.BYTES_PER_ELEMENT)
}

/**
 * Between the threads of one process, over a `BroadcastChannel`.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function workerThreads(options: WorkerThreadsOptions = {}): InvalidationTransport {
  refuseUnknown(options, ['channel', 'shared'], 'workerThreads')
  const { channel = 'cache-invalidation', shared } = options
  if (shared !== undefined && !(shared instanceof SharedArrayBuffer && shared.byteLength >= 4))
    throw new CacheError('INVALID_OPTION', 'workerThreads: shared must be what sharedSequence() returned')
  return new WorkerThreads(channel, shared && new Uint32Array(shared, 0, 1))
}

class WorkerThreads implements InvalidationTransport {
  readonly name = 'worker-threads'
  readonly publishedBy = 'engine'
  /** Present with a shared sequence. */
  readonly poll: (() => void) | undefined
  readonly #channel: string
  readonly #count: Uint32Array | undefined
  readonly #session = new Session('worker-threads')
  #port: BroadcastChannel | undefined
  #seen = 0

  constructor(channel: string, count: Uint32Array | undefined) {
    this.#channel = channel
    this.#count = count
    this.poll = count && (() => this.#poll(count))
  }

  async start(listener: TransportListener, context: TransportContext): Promise<void> {
    this.#session.begin(listener, context)
    if (this.#count) this.#seen = Atomics.load(this.#count, 0)
    const port = new BroadcastChannel(JSON.stringify([this.#channel, context.prefix]))
    port.unref()
    port.addEventListener('message', (event) => this.#take((event as { readonly data?: unknown }).data))
    port.addEventListener('messageerror', () => this.#session.deliver(undefined))
    this.#port = port
    this.#session.connected()
  }

  /** The message first, then the count: whoever sees the count finds the message. */
  async publish(message: InvalidationMessage): Promise<void> {
    this.#session.refuseClosed()
    this.#port?.postMessage(messageText(message))
    if (this.#count) Atomics.add(this.#count, 0, 1)
  }

  async close(): Promise<void> {
    this.#session.end()
    this.#port?.close()
    this.#port = undefined
  }

  /** One atomic load while nothing was sent. */
  #poll(count: Uint32Array): void {
    const sent = Atomics.load(count, 0)
    if (sent === this.#seen || !this.#port) return
    this.#seen = sent
    for (;;) {
      // Takes a BroadcastChannel as well, as Node's documentation says and its types do not.
      const received = receiveMessageOnPort(this.#port as unknown as MessagePort)
      if (!received) return
      this.#take(received.message)
    }
  }

  #take(data: unknown): void {
    this.#session.deliver(readMessage(data))
  }
}
