import type { Invalidation } from './backend.ts'

/** An invalidation on its way to the local tiers of other processes. */
export interface InvalidationMessage {
  readonly cache: string
  readonly epoch: string
  readonly invalidation: Invalidation
}

export interface TransportListener {
  /** Messages may come late, twice, out of order or not at all: the sequence tells. */
  readonly onMessage: (message: InvalidationMessage) => void
  /** The connection was made or made again: whatever was sent meanwhile is lost. */
  readonly onConnect: () => void
}

/**
 * Carries invalidations between processes, for speed only: a local tier notices every gap by the sequence and
 * repairs it from the backend, so a transport may lose anything.
 */
export interface InvalidationTransport {
  readonly name: string
  start(listener: TransportListener): Promise<void>
  /** Resolves when handed over; rejects with a `CacheError`, which never fails the invalidation itself. */
  publish(message: InvalidationMessage): Promise<void>
  /** Idempotent; no listener is called afterwards. */
  close(): Promise<void>
}
