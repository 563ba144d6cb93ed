import { onCacheEvent, systemClock, type Caches } from '@cache/core'
import type {
  Attributes,
  BatchObservableResult,
  Meter as OtelMeter,
  MetricsAPI,
  Observable,
  TraceAPI,
  Tracer,
} from '@opentelemetry/api'
import { definitions, type Definition, type Labels } from './definitions.ts'
import { installed } from './installed.ts'
import type { Publishing } from './prometheus.ts'
import { Meter } from './reading.ts'
import { traceCaches } from './traces.ts'

export interface OpenTelemetryOptions {
  /** Default: the global one, of the name `@cache`; `false` for no metrics. */
  readonly meter?: OtelMeter | false | undefined
  /** The same for spans of loads and of calls to the backend. */
  readonly tracer?: Tracer | false | undefined
}

/** What is used of `@opentelemetry/api` where no meter or tracer is given. */
interface GlobalApi {
  readonly metrics: Pick<MetricsAPI, 'getMeter'>
  readonly trace: Pick<TraceAPI, 'getTracer'>
}

/**
 * Publishes metrics and spans of some caches through OpenTelemetry. Counters are read when the reader collects them.
 * Without a meter or tracer and without `@opentelemetry/api` it does nothing.
 */
export async function openTelemetry(caches: Caches, options: OpenTelemetryOptions = {}): Promise<Publishing> {
  const api = await installed<GlobalApi>(() => import('@opentelemetry/api'))
  const meter = options.meter ?? api?.metrics.getMeter('@cache')
  const tracer = options.tracer ?? api?.trace.getTracer('@cache')
  const stops = [
    ...(meter ? [publishMetrics(caches, meter)] : []),
    ...(tracer ? [traceCaches(caches.prefix, tracer, systemClock)] : []),
  ]
  return { active: stops.length > 0, stop: () => stops.splice(0).forEach((stop) => stop()) }
}

/** OpenTelemetry's name: `cache.hits` for `cache_hits_total`, `cache.load.duration` for `cache_load_duration_seconds`. */
export function openTelemetryName({ name, kind }: Pick<Definition, 'name' | 'kind'>): string {
  const stem = name.replace(/_total$/, '').replace(/^cache_/, 'cache.')
  return kind === 'histogram' ? stem.replace(/_duration_seconds$/, '.duration') : stem
}

function publishMetrics(caches: Caches, meter: OtelMeter): () => void {
  const reader = new Meter(caches)
  const observed = definitions.flatMap((definition) => {
    const observable = instrument(meter, definition)
    return observable === undefined ? [] : [{ definition, observable }]
  })
  const observables = observed.map(({ observable }) => observable)
  const observe = async (result: BatchObservableResult): Promise<void> => {
    const reading = await reader.read()
    for (const { definition, observable } of observed) {
      if (definition.kind === 'histogram') continue
      for (const { labels, value } of definition.samples(reading))
        result.observe(observable, value, attributesOf(labels))
    }
  }
  meter.addBatchObservableCallback(observe, observables)
  const stops = recordDurations(caches.prefix, meter)
  return () => {
    meter.removeBatchObservableCallback(observe, observables)
    for (const stop of stops) stop()
    reader.stop()
  }
}

/** Histograms have no observable form: they are told of each load and each call to the backend. */
function recordDurations(prefix: string, meter: OtelMeter): readonly (() => void)[] {
  const [backend, load] = definitions
    .filter(({ kind }) => kind === 'histogram')
    .map((definition) => meter.createHistogram(openTelemetryName(definition), described(definition)))
  return [
    onCacheEvent('cache:operation', (event) => {
      if (event.prefix !== prefix) return
      const { cache, operation, durationMs } = event
      backend?.record(durationMs / 1000, attributesOf({ cache, operation }))
    }),
    onCacheEvent('cache:load', (event) => {
      if (event.prefix === prefix) load?.record(event.durationMs / 1000, attributesOf({ cache: event.cache }))
    }),
  ]
}

function instrument(meter: OtelMeter, definition: Definition): Observable | undefined {
  const name = openTelemetryName(definition)
  if (definition.kind === 'counter') return meter.createObservableCounter(name, described(definition))
  if (definition.kind === 'gauge') return meter.createObservableGauge(name, described(definition))
  return undefined
}

function described({ help, unit }: Definition): { description: string; unit: string } {
  return { description: help, unit }
}

/** `cache.name` for the label `cache`, `cache.tier` for `tier`. */
export function attributesOf(labels: Labels): Attributes {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name === 'cache' ? 'cache.name' : `cache.${name}`, value]),
  )
}
