import type { InvalidationMessage, InvalidationTransport } from '@cache/core'

/** What is being tested, and how to make some. */
export interface TransportHarness {
  readonly name: string
  /** What the transport declares; a case compares. */
  readonly publishedBy: InvalidationTransport['publishedBy']
  /** A place where transports can meet and that shares nothing with any other. */
  create(): Promise<TransportFixture>
}

/** The place of one case. */
export interface TransportFixture {
  /** One more transport there, not started. */
  transport(): InvalidationTransport
  /** Says what a store would publish. Required where the backend publishes. */
  say?(message: InvalidationMessage, prefix: string): Promise<void>
  /** Puts something on the wire that is no message; absent where nobody else can reach the wire. */
  sayRaw?(text: string, prefix: string): Promise<void>
  /**
   * Touches entries of the cache `cases` in the store, which need not exist, as somebody who does not use the library. Absent where
   * the transport does not tell of that.
   */
  touch?(keys: readonly string[], prefix: string): Promise<void>
  /** Empties the store; where there is `touch`. */
  empty?(): Promise<void>
  /** Breaks all connections; they can be made again when it resolves. Absent where there are none. */
  cut?(): Promise<void>
  /** Called after all transports were closed. */
  cleanup(): Promise<void>
}
