import type { Invalidation } from './backend.ts'
import type { Clock } from './clock.ts'

/** An invalidation on its way to the local tiers of other processes. */
export interface InvalidationMessage {
  readonly cache: string
  readonly epoch: string
  readonly invalidation: Invalidation
}

/** Entries that somebody changed, removed or only wrote anew in the store: there is no word of what was done, or of its order. */
export interface TouchedEntries {
  readonly cache: string
  readonly keys: readonly string[]
}

export interface TransportListener {
  /** Messages may come late, twice, out of order or not at all: the sequence tells. */
  readonly onMessage: (message: InvalidationMessage) => void
  /** The connection was made or made again: whatever was sent meanwhile is lost. */
  readonly onConnect: () => void
  /**
   * For transports that see the store itself change, whoever changes it: the echoes of announced changes and of fills are among
   * it, in any order with their announcements. Local tiers ask the store about the entries that they hold. Without an argument,
   * anything may have been touched: the store was emptied, or nothing was seen until now; local tiers drop all that they hold.
   */
  readonly onTouched?: ((touched?: TouchedEntries) => void) | undefined
}

/** What the engine gives a transport at its start. */
export interface TransportContext {
  /** The first part of every key: only `Caches` of one prefix hear each other. */
  readonly prefix: string
  readonly clock: Clock
  /** For facts an operator should see: a connection that is gone, messages that cannot be read. */
  readonly report: (message: string, error?: unknown) => void
}

/**
 * Carries invalidations between processes, for speed only: a local tier notices every gap by the sequence and
 * repairs it from the backend, so a transport may lose anything.
 */
export interface InvalidationTransport {
  readonly name: string
  /**
   * Who publishes: the engine, by {@link publish} after each change; or the backend, whose changes are published by
   * the store itself, so that `publish` is not called.
   */
  readonly publishedBy: 'engine' | 'backend'
  /** Does not wait for a connection; what cannot work rejects with a `CacheError`. A second call rejects. */
  start(listener: TransportListener, context: TransportContext): Promise<void>
  /**
   * Told of each cache whose invalidations are wanted here, before or after the start; for transports that subscribe to
   * each. Others carry those of all caches.
   */
  readonly follow?: ((cache: string) => void) | undefined
  /**
   * Resolves when handed over, also while nobody listens. Rejects with a `CacheError` when it could not be or when
   * its queue is full; that never fails the invalidation itself.
   */
  publish(message: InvalidationMessage): Promise<void>
  /**
   * Delivers what has come and still waits for the event loop. Called before L1 answers, where a transport has it, so it
   * must cost next to nothing while nothing has come.
   */
  readonly poll?: (() => void) | undefined
  /** Idempotent; no listener is called afterwards. */
  close(): Promise<void>
}
