import { context, metrics as globalMetrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  InMemoryMetricExporter,
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { channel } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { during, faultyBackend, referenceBackend } from '@cache/conformance'
import { definitions, openTelemetry, openTelemetryName } from '../src/index.ts'
import { openCaches } from './support.ts'

function meterOf() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => provider.shutdown())
  const collect = async () => {
    exporter.reset()
    await reader.forceFlush()
    const all = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    return new Map(all.map((metric) => [metric.descriptor.name, metric.dataPoints]))
  }
  return { meter: provider.getMeter('test'), collect }
}

function tracerOf() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  onTestFinished(() => provider.shutdown())
  return { tracer: provider.getTracer('test'), spans: () => exporter.getFinishedSpans() }
}

describe('metrics', () => {
  it('are those of Prometheus by names of OpenTelemetry', async () => {
    const { caches, clock } = await openCaches()
    const { meter, collect } = meterOf()
    const { stop } = await openTelemetry(caches, { meter, tracer: false })
    const cache = caches.define<number>('quotes')
    await cache.getOrLoad('a', () => {
      clock.advance(20)
      return 1
    })
    await cache.get('a')
    const points = await collect()
    for (const definition of definitions.filter(({ name }) => !/failures|openings|reports/.test(name)))
      expect([...points.keys()]).toContain(openTelemetryName(definition))
    expect(points.get('cache.hits')).toContainEqual(
      expect.objectContaining({ value: 1, attributes: { 'cache.name': 'quotes', 'cache.tier': 'l1' } }),
    )
    expect(points.get('cache.load.duration')?.[0]).toMatchObject({ value: { count: 1, sum: 0.02 } })
    expect(points.get('cache.backend.duration')?.length).toBeGreaterThan(0)
    stop()
    expect(channel('cache:load').hasSubscribers).toBe(false)
    const before = (await collect()).get('cache.hits')
    await cache.get('a')
    expect((await collect()).get('cache.hits')?.map(({ value }) => value)).toEqual(
      before?.map(({ value }) => value),
    )
  })
})

describe('spans', () => {
  it('tell of loads and calls to the backend below the active span, without keys', async () => {
    const manager = new AsyncLocalStorageContextManager().enable()
    context.setGlobalContextManager(manager)
    onTestFinished(() => context.disable())
    const { caches, clock } = await openCaches()
    const { tracer, spans } = tracerOf()
    const { stop } = await openTelemetry(caches, { meter: false, tracer })
    const cache = caches.define<number>('quotes')
    const request = tracer.startSpan('request')
    await context.with(trace.setSpan(context.active(), request), () =>
      cache.getOrLoad('secret', () => {
        clock.advance(20)
        return 1
      }),
    )
    request.end()
    stop()
    const load = spans().find(({ name }) => name === 'cache load')
    expect(load).toMatchObject({ kind: 0, attributes: { 'cache.name': 'quotes', 'cache.outcome': 'stored' } })
    expect(load?.parentSpanContext?.spanId).toBe(request.spanContext().spanId)
    expect(load?.duration[1]).toBeCloseTo(20_000_000, -6)
    expect(spans().map(({ name }) => name)).toEqual(expect.arrayContaining(['cache acquire', 'cache fill']))
    expect(JSON.stringify(spans().map(({ name, attributes }) => [name, attributes]))).not.toContain('secret')
  })

  it('of what failed say so', async () => {
    const backend = faultyBackend(
      referenceBackend(),
      during(() => true, { kind: 'fail', code: 'BACKEND_FULL' }),
    )
    const { caches } = await openCaches({ backend, l1: undefined })
    const { tracer, spans } = tracerOf()
    const { stop } = await openTelemetry(caches, { meter: false, tracer })
    const cache = caches.define<number>('quotes')
    await cache.get('a')
    await cache.getOrLoad('b', () => Promise.reject(new Error('no'))).catch(() => undefined)
    stop()
    expect(spans().find(({ name }) => name === 'cache read')).toMatchObject({
      kind: 2,
      status: { code: 2 },
      attributes: { 'cache.outcome': 'BACKEND_FULL' },
    })
    expect(spans().find(({ name }) => name === 'cache load')).toMatchObject({ status: { code: 2 } })
  })
})

describe('openTelemetry', () => {
  it('uses the global meter and tracer where none is given', async () => {
    const { meter } = meterOf()
    globalMetrics.setGlobalMeterProvider({ getMeter: () => meter })
    onTestFinished(() => globalMetrics.disable())
    const { caches } = await openCaches()
    const telemetry = await openTelemetry(caches)
    expect(telemetry.active).toBe(true)
    expect(channel('cache:operation').hasSubscribers).toBe(true)
    telemetry.stop()
    expect(channel('cache:operation').hasSubscribers).toBe(false)
  })

  it('does nothing where both are switched off', async () => {
    const { caches } = await openCaches()
    expect(await openTelemetry(caches, { meter: false, tracer: false })).toMatchObject({ active: false })
  })

  it('keeps the caches of others apart', async () => {
    const { tracer, spans } = tracerOf()
    const one = await openCaches({ prefix: 'one' })
    const two = await openCaches({ prefix: 'two' })
    const { stop } = await openTelemetry(one.caches, { meter: false, tracer })
    await two.caches.define<number>('quotes').get('a')
    stop()
    expect(spans()).toEqual([])
  })
})
