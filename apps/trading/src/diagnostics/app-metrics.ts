import { prometheus } from '@cache/metrics'
import type { Caches } from '@cache/core'
import { Gauge, Registry } from 'prom-client'

import type { FeedHub } from '../feed/feed-hub.ts'

/** What Prometheus is told: the caches, and the feed. */
export interface AppMetrics {
  readonly registry: Registry
  close(): void
}

export async function openMetrics(caches: Caches, feed: FeedHub): Promise<AppMetrics> {
  const registry = new Registry()
  const publishing = await prometheus(caches, { registry })
  feedGauge(registry, 'clients', 'Connections of the feed', feed)
  feedGauge(registry, 'symbols', 'Symbols that somebody has subscribed to', feed)
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
