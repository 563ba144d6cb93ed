import type {
  InvalidationMessage,
  InvalidationTransport,
  TouchedEntries,
  TransportListener,
} from '../../src/index.ts'

/** A transport that keeps what it is given, and whose messages a test delivers itself. */
export class TestTransport implements InvalidationTransport {
  readonly name = 'test'
  readonly publishedBy: 'engine' | 'backend'
  readonly published: InvalidationMessage[] = []
  /** What `publish` does beside keeping the message. */
  onPublish: () => Promise<void> = async () => undefined
  #listener: TransportListener | undefined

  constructor(publishedBy: 'engine' | 'backend' = 'engine') {
    this.publishedBy = publishedBy
  }

  async start(listener: TransportListener): Promise<void> {
    this.#listener = listener
  }

  async publish(message: InvalidationMessage): Promise<void> {
    this.published.push(message)
    await this.onPublish()
  }

  async close(): Promise<void> {
    this.#listener = undefined
  }

  deliver(...messages: readonly InvalidationMessage[]): void {
    for (const message of messages) this.#listener?.onMessage(message)
  }

  connect(): void {
    this.#listener?.onConnect()
  }

  touch(entries?: TouchedEntries): void {
    this.#listener?.onTouched?.(entries)
  }
}
