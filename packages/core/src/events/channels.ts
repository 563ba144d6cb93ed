import { channel } from 'node:diagnostics_channel'
import type { CacheOperation, ErrorCode, EvictionReason, FillRefusal, Invalidation } from '@cache/ports'

interface CacheEvent {
  /** The first part of every key of the `Caches`. */
  readonly prefix: string
  readonly cache: string
}

export interface ReadEvent extends CacheEvent {
  readonly outcome: 'l1-hit' | 'l2-hit' | 'stale-hit' | 'miss'
  /** The stored key: hashed where the cache is sensitive. Never put it into a metric's label. */
  readonly key: string
}

export interface LoadEvent extends CacheEvent {
  readonly key: string
  readonly outcome: 'stored' | 'not-stored' | 'failed' | FillRefusal
  readonly durationMs: number
}

export interface ChangeEvent extends CacheEvent {
  /** `'pattern'` comes after the deletions that it consists of. */
  readonly change: 'set' | 'delete' | 'expire' | 'tags' | 'pattern' | 'clear'
  /** Stored keys, tags, or the pattern. */
  readonly names: readonly string[]
}

export interface ArrivalEvent extends CacheEvent {
  readonly kind: Invalidation['kind']
  /** Stored keys or tags. */
  readonly names: readonly string[]
}

export interface EvictEvent extends CacheEvent {
  readonly reason: EvictionReason
  readonly count: number
}

export interface OperationEvent extends CacheEvent {
  readonly operation: string
  readonly durationMs: number
}

export interface BackendCallEvent extends OperationEvent {
  /** `ok`, or why it failed. */
  readonly outcome: 'ok' | ErrorCode
}

export interface FailureEvent extends CacheEvent {
  readonly operation: string
  readonly code: ErrorCode | 'UNKNOWN'
  readonly error: unknown
}

export interface ReportEvent {
  readonly prefix: string
  readonly source: string
  readonly message: string
  readonly error?: unknown
}

/** A call that the access rules or a handle refused. */
export interface DeniedEvent extends CacheEvent {
  readonly operation: CacheOperation
  /** `undefined` for code that runs as no caller. */
  readonly caller: string | undefined
}

export interface BreakerEvent {
  readonly prefix: string
  readonly breaker: string
  readonly state: 'closed' | 'open' | 'half-open'
}

/** The messages of each channel, by the channel's name. */
export interface CacheEvents {
  /** A read of one key. */
  readonly 'cache:read': ReadEvent
  /** A loader ran. */
  readonly 'cache:load': LoadEvent
  /** Entries were written or made unreadable by this process. */
  readonly 'cache:change': ChangeEvent
  /** A transport brought an invalidation, of another process or back to the one that it is of. */
  readonly 'cache:arrival': ArrivalEvent
  /** A tier dropped entries by itself. */
  readonly 'cache:evict': EvictEvent
  /** A call to the backend ended, at the moment of this event. */
  readonly 'cache:operation': BackendCallEvent
  /** A call to the backend took longer than the slow-operation threshold. */
  readonly 'cache:slow': OperationEvent
  /** A call to the backend failed, or a payload could not be read. */
  readonly 'cache:failure': FailureEvent
  /** A call was refused. */
  readonly 'cache:denied': DeniedEvent
  /** A circuit breaker changed its state. */
  readonly 'cache:breaker': BreakerEvent
  /** Something an operator should know. */
  readonly 'cache:report': ReportEvent
}

/** A channel of `node:diagnostics_channel` for one kind of event. */
export interface EventChannel<Event> {
  readonly hasSubscribers: boolean
  publish(event: Event): void
  subscribe(listener: (event: unknown, name: string | symbol) => void): void
  unsubscribe(listener: (event: unknown, name: string | symbol) => void): unknown
}

type Channels = { readonly [Name in keyof CacheEvents]: EventChannel<CacheEvents[Name]> }

/** The channels that events are published on; nothing is built while nobody listens. */
export const channels: Channels = {
  'cache:read': channel('cache:read'),
  'cache:load': channel('cache:load'),
  'cache:change': channel('cache:change'),
  'cache:arrival': channel('cache:arrival'),
  'cache:evict': channel('cache:evict'),
  'cache:operation': channel('cache:operation'),
  'cache:slow': channel('cache:slow'),
  'cache:failure': channel('cache:failure'),
  'cache:denied': channel('cache:denied'),
  'cache:breaker': channel('cache:breaker'),
  'cache:report': channel('cache:report'),
}

/** Calls `listener` for every event of one kind; the result stops it. Listeners must not throw. */
export function onCacheEvent<Name extends keyof CacheEvents>(
  name: Name,
  listener: (event: CacheEvents[Name]) => void,
): () => void {
  const receive = (message: unknown): void => listener(message as CacheEvents[Name])
  channels[name].subscribe(receive)
  return () => {
    channels[name].unsubscribe(receive)
  }
}
