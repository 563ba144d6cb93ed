import type { Caches } from '@cache/core'
import { type RateLimiter, rateLimiter } from '@cache/rate-limit'

import type { Rate } from '../config/readers.ts'
import type { Values } from '../config/variables.ts'

/** Client addresses that one limit remembers on SQLite; on a server they end by themselves. */
const maxKeys = 10_000

/**
 * What clients may ask for in a time, all instances together; a restart forgives nothing. While the store is away each
 * instance admits half of it by itself.
 */
export interface Limits {
  readonly api: RateLimiter
  readonly orders: RateLimiter
  readonly smartOrders: RateLimiter
  readonly webhooks: RateLimiter
  readonly strategies: RateLimiter
  readonly healthStatus: RateLimiter
  readonly health: RateLimiter
  /** Failures; a success forgets them. */
  readonly signIn: RateLimiter
}

export function openLimits(caches: Caches, values: Values): Limits {
  const limit = (name: string, ...rates: readonly Rate[]): RateLimiter => limiter(caches, name, rates)
  return {
    api: limit('api', values.API_RATE_LIMIT),
    orders: limit('orders', values.ORDER_RATE_LIMIT),
    smartOrders: limit('smart-orders', values.SMART_ORDER_RATE_LIMIT),
    webhooks: limit('webhooks', values.WEBHOOK_RATE_LIMIT),
    strategies: limit('strategies', values.STRATEGY_RATE_LIMIT),
    healthStatus: limit('health-status', { count: 300, windowMs: 60_000 }),
    health: limit('health', { count: 60, windowMs: 60_000 }),
    signIn: limit('sign-in', values.LOGIN_RATE_LIMIT_MIN, values.LOGIN_RATE_LIMIT_HOUR),
  }
}

/** The rates hold together. */
export function limiter(caches: Caches, name: string, rates: readonly Rate[]): RateLimiter {
  const rules = rates.map(({ count, windowMs }) => ({ limit: count, per: windowMs }))
  return rateLimiter(caches, { name, rules, maxKeys })
}
