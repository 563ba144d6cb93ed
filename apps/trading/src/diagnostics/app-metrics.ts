import { prometheus } from '@cache/metrics'
import type { Caches } from '@cache/core'
import { Counter, Gauge, Registry } from 'prom-client'

import type { BrokerAdapter } from '../broker/broker-adapter.ts'
import type { FeedHub } from '../feed/feed-hub.ts'

/** What Prometheus is told: the caches, the feed, and the calls to the broker. */
export interface AppMetrics {
  readonly registry: Registry
  close(): void
}

export async function openMetrics(caches: Caches, feed: FeedHub, broker: BrokerAdapter): Promise<AppMetrics> {
  const registry = new Registry()
  const publishing = await prometheus(caches, { registry })
  feedGauge(registry, 'clients', 'Connections of the feed', feed)
  feedGauge(registry, 'symbols', 'Symbols that somebody has subscribed to', feed)
  brokerCounter(registry, broker)
  return { registry, close: () => publishing.stop() }
}

function feedGauge(registry: Registry, name: 'clients' | 'symbols', help: string, feed: FeedHub): void {
  const gauge: Gauge = new Gauge({
    name: `trading_feed_${name}`,
    help,
    registers: [registry],
    collect: () => gauge.set(feed.figures[name]),
  })
}

function brokerCounter(registry: Registry, broker: BrokerAdapter): void {
  const counter: Counter<'call'> = new Counter({
    name: 'trading_broker_calls_total',
    help: 'Calls to the broker, by what they are for',
    labelNames: ['call'],
    registers: [registry],
    collect: () => {
      counter.reset()
      for (const [call, count] of broker.calls) counter.inc({ call }, count)
    },
  })
}
