import {
  asCacheError,
  CacheError,
  type Change,
  type ChangeReply,
  type Invalidation,
  type InvalidationTransport,
} from '@cache/ports'
import { CircuitBreaker, type BreakerOptions } from '../breaker/circuit-breaker.ts'
import { publishedOf } from '../engine/change-invalidation.ts'
import type { StatsCounters } from '../stats/cache-stats.ts'

export interface PublisherOptions {
  readonly transport: InvalidationTransport
  readonly breaker: BreakerOptions
  readonly onFailure: (cache: string, error: CacheError) => void
}

/** Messages under way; further ones are not sent, and count as failed. */
const maxUnderWay = 1024

/**
 * Tells other processes of changes, where the store does not do so itself. No change waits for it or fails by it:
 * what is not carried is counted, and others find it in the store's log.
 */
export class Publisher {
  readonly #transport: InvalidationTransport
  readonly #breaker: CircuitBreaker
  readonly #onFailure: PublisherOptions['onFailure']
  #underWay = 0

  constructor({ transport, breaker, onFailure }: PublisherOptions) {
    this.#transport = transport
    this.#breaker = new CircuitBreaker(breaker)
    this.#onFailure = onFailure
  }

  publish(cache: string, changes: readonly Change[], reply: ChangeReply, stats: StatsCounters): void {
    for (const invalidation of publishedOf(changes, reply)) {
      void this.#send(cache, reply.stamp.epoch, invalidation).catch((error: unknown) => {
        stats.publishFailures++
        this.#onFailure(cache, asCacheError(error, 'TRANSPORT_FAILED', 'The transport failed'))
      })
    }
  }

  async #send(cache: string, epoch: string, invalidation: Invalidation): Promise<void> {
    const admission = this.#breaker.admit()
    if (this.#underWay >= maxUnderWay) {
      this.#breaker.failed(admission)
      throw new CacheError(
        'TRANSPORT_FAILED',
        `${this.#transport.name} carries too little: ${maxUnderWay} messages wait`,
      )
    }
    this.#underWay++
    try {
      await this.#transport.publish({ cache, epoch, invalidation })
      this.#breaker.succeeded(admission)
    } catch (error) {
      this.#breaker.failed(admission)
      throw error
    } finally {
      this.#underWay--
    }
  }
}
