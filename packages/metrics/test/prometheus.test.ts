import { subscribe, unsubscribe, channel } from 'node:diagnostics_channel'
import { Registry, register } from 'prom-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CachesOptions } from '@cache/core'
import { during, faultyBackend, referenceBackend } from '@cache/conformance'
import { definitions, prometheus } from '../src/index.ts'
import { LabelledCounter } from '../src/event-counters.ts'
import { installed } from '../src/installed.ts'
import { openCaches } from './support.ts'

async function published(options: Partial<CachesOptions> = {}) {
  const registry = new Registry()
  const opened = await openCaches(options)
  const metrics = await prometheus(opened.caches, { registry })
  onTestFinished(() => metrics.stop())
  const scrape = async (): Promise<Map<string, number>> => {
    const lines = (await registry.metrics())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' ') + 1)),
      ]),
    )
  }
  return { ...opened, registry, metrics, scrape }
}

describe('prometheus', () => {
  it('counts hits and misses for each tier', async () => {
    const { caches, scrape } = await published()
    const cache = caches.define<number>('quotes')
    await cache.set('a', 1)
    await cache.get('a')
    await cache.get('a')
    await cache.get('missing')
    const other = caches.define<number>('other', { l1: false })
    await other.set('a', 1)
    await other.get('a')
    const values = await scrape()
    expect(values.get('cache_hits_total{cache="quotes",tier="l1"}')).toBe(2)
    expect(values.get('cache_hits_total{cache="quotes",tier="l2"}')).toBe(0)
    expect(values.get('cache_hits_total{cache="other",tier="l2"}')).toBe(1)
    expect(values.get('cache_misses_total{cache="quotes",tier="l1"}')).toBe(1)
    expect(values.get('cache_misses_total{cache="quotes",tier="l2"}')).toBe(1)
    expect(values.get('cache_hit_rate{cache="quotes"}')).toBeCloseTo(2 / 3)
    expect(values.get('cache_size_entries{cache="quotes"}')).toBe(1)
    expect(values.get('cache_local_entries{cache="quotes"}')).toBe(1)
    expect(values.get('cache_writes_total{cache="other"}')).toBe(1)
  })

  it('counts loads, joins and evictions, and times them', async () => {
    const { caches, clock, scrape } = await published()
    const cache = caches.define<number>('quotes', { l1: { maxEntries: 1 } })
    const slow = async (): Promise<number> => {
      clock.advance(100)
      return 1
    }
    await Promise.all([cache.getOrLoad('a', slow), cache.getOrLoad('a', slow)])
    await cache.getOrLoad('b', () => 2)
    await cache.getOrLoad('c', () => Promise.reject(new Error('no'))).catch(() => undefined)
    const values = await scrape()
    expect(values.get('cache_loads_total{cache="quotes"}')).toBe(3)
    expect(values.get('cache_load_errors_total{cache="quotes"}')).toBe(1)
    expect(values.get('cache_load_joins_total{cache="quotes"}')).toBe(1)
    expect(values.get('cache_evictions_total{cache="quotes",reason="entries"}')).toBe(1)
    expect(values.get('cache_load_duration_seconds_count{cache="quotes"}')).toBeGreaterThanOrEqual(2)
    expect(values.get('cache_load_duration_seconds_sum{cache="quotes"}')).toBeCloseTo(0.1)
    expect(values.get('cache_load_duration_seconds_bucket{cache="quotes",le="0.065536"}')).toBeLessThan(3)
    expect(values.get('cache_load_duration_seconds_bucket{cache="quotes",le="+Inf"}')).toBe(
      values.get('cache_load_duration_seconds_count{cache="quotes"}'),
    )
    expect(values.get('cache_backend_duration_seconds_count{cache="quotes"}')).toBeGreaterThan(0)
  })

  it('tells of failures by code, of the breaker and of reports', async () => {
    let down = false
    const backend = faultyBackend(
      referenceBackend(),
      during(() => down, { kind: 'fail', code: 'BACKEND_UNREACHABLE' }),
    )
    const { caches, scrape } = await published({ backend })
    const cache = caches.define<number>('quotes')
    await cache.get('a')
    down = true
    for (let call = 0; call < 12; call++) await cache.get('a')
    const values = await scrape()
    const failure = 'cache_failures_total{cache="quotes",operation="read",code="BACKEND_UNREACHABLE"}'
    expect(values.get(failure)).toBeGreaterThan(0)
    expect(values.get('cache_breaker_state{cache="quotes"}')).toBe(2)
    expect(values.get('cache_breaker_openings_total{cache="quotes"}')).toBe(1)
    channel('cache:report').publish({ prefix: 'cache', source: 'sqlite', message: 'm' })
    channel('cache:report').publish({ prefix: 'another', source: 'sqlite', message: 'm' })
    const later = await scrape()
    expect(later.get('cache_reports_total{source="sqlite"}')).toBe(1)
    expect(later.has('cache_size_entries{cache="quotes"}')).toBe(false)
  })

  it('never holds a key, a tag or a value, whatever they are', async () => {
    const { caches, registry } = await published()
    const cache = caches.define<string>('quotes')
    await cache.set('secret-key', 'secret-value', { tags: ['secret-tag'] })
    await cache.get('secret-key')
    await cache.get('secret-other')
    await cache.invalidateTags(['secret-tag'])
    await cache.getOrLoad('secret-load', () => 'x')
    const text = await registry.metrics()
    expect(text).toContain('cache="quotes"')
    expect(text).not.toContain('secret')
  })

  it('uses the labels that its definitions name and no others', async () => {
    const { caches, registry } = await published()
    await caches.define<number>('quotes').getOrLoad('a', () => 1)
    for (const metric of await registry.getMetricsAsJSON()) {
      const { labels } = definitions.find(({ name }) => name === metric.name)!
      const { values } = metric as unknown as { values: { labels: object }[] }
      const used = new Set(values.flatMap((value) => Object.keys(value.labels)))
      used.delete('le')
      expect([...used].every((label) => labels.includes(label))).toBe(true)
    }
  })

  it('listens to no event of a read, so that hits stay as fast as without it', async () => {
    await published()
    for (const name of ['cache:read', 'cache:change', 'cache:operation', 'cache:evict', 'cache:load'])
      expect(channel(name).hasSubscribers).toBe(false)
  })

  it('reads the counters once for all metrics of a scrape', async () => {
    const { caches, registry } = await published()
    let readings = 0
    const sizes = caches.sizes.bind(caches)
    caches.sizes = () => {
      readings++
      return sizes()
    }
    await registry.metrics()
    expect(readings).toBe(1)
    await registry.metrics()
    expect(readings).toBe(2)
  })

  it('can be written as OpenMetrics', async () => {
    const registry = new Registry()
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
    const { caches } = await openCaches()
    caches.define('quotes')
    const metrics = await prometheus(caches, { registry })
    const text = await registry.metrics()
    metrics.stop()
    expect(text).toContain('# TYPE cache_hits counter')
    expect(text).toContain('cache_hits_total{cache="quotes",tier="l1"} 0')
    expect(text.trimEnd().endsWith('# EOF')).toBe(true)
  })

  it('takes its metrics and listeners away when it is stopped', async () => {
    const { registry, metrics } = await published()
    metrics.stop()
    expect(registry.getMetricsAsArray()).toEqual([])
    expect(channel('cache:failure').hasSubscribers).toBe(false)
    expect(channel('cache:breaker').hasSubscribers).toBe(false)
  })

  it('uses the global registry where none is given', async () => {
    const { caches } = await openCaches()
    const metrics = await prometheus(caches)
    expect(metrics.active).toBe(true)
    expect(await register.metrics()).toContain('cache_hit_rate')
    metrics.stop()
    expect(await register.metrics()).not.toContain('cache_hit_rate')
  })
})

describe('what is missing', () => {
  it('is told from what is broken', async () => {
    const missing = Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(await installed(() => Promise.reject(missing))).toBeUndefined()
    await expect(installed(() => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken')
  })
})

describe('a counter by labels', () => {
  it('is bounded whatever it is told', () => {
    const counter = new LabelledCounter()
    for (let index = 0; index < 5000; index++) counter.count({ cache: `c${index}` })
    expect(counter.samples).toHaveLength(1001)
    expect(counter.samples.at(-1)).toEqual({ labels: { cache: 'other' }, value: 4000 })
  })
})

describe('the channels', () => {
  it('publish calls to the backend with their outcome to who listens', async () => {
    const seen: unknown[] = []
    const listener = (event: unknown): void => void seen.push(event)
    subscribe('cache:operation', listener)
    const { caches } = await openCaches()
    await caches.define<number>('quotes').get('a')
    unsubscribe('cache:operation', listener)
    expect(seen).toContainEqual({
      prefix: 'cache',
      cache: 'quotes',
      operation: 'read',
      durationMs: 0,
      outcome: 'ok',
    })
  })
})
