import type { Caches } from '@cache/core'
import { definitions, type Definition, type Distribution } from './definitions.ts'
import { installed } from './installed.ts'
import { Meter, type Reading } from './reading.ts'

/** What is needed of a registry of prom-client. */
export interface MetricRegistry {
  registerMetric(metric: never): void
  removeSingleMetric(name: string): void
}

export interface PrometheusOptions {
  /** Default: the global registry of prom-client. */
  readonly registry?: MetricRegistry | undefined
}

/** Metrics that are being published. */
export interface Publishing {
  /** `false` where the library to publish with is not installed: nothing was done. */
  readonly active: boolean
  /** Takes the metrics away again. */
  stop(): void
}

/**
 * Registers the metrics of some caches with prom-client. They are read when Prometheus asks; one registry takes one
 * `Caches`. Without a registry and without prom-client it does nothing.
 */
export async function prometheus(caches: Caches, options: PrometheusOptions = {}): Promise<Publishing> {
  const registry = options.registry ?? (await globalRegistry())
  if (!registry) return { active: false, stop: () => undefined }
  const meter = new Meter(caches)
  const metrics = definitions.map((definition) => new ScrapedMetric(definition, meter))
  for (const metric of metrics) registry.registerMetric(metric as never)
  return {
    active: true,
    stop: () => {
      for (const { name } of definitions) registry.removeSingleMetric(name)
      meter.stop()
    },
  }
}

async function globalRegistry(): Promise<MetricRegistry | undefined> {
  const client = await installed<{ readonly register: MetricRegistry }>(() => import('prom-client'))
  return client?.register
}

interface ScrapedValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** A metric as prom-client's registry asks for it, with the values of the moment. */
class ScrapedMetric {
  /** The registry writes a shorter one here for OpenMetrics. */
  name: string
  readonly help: string
  readonly type: string
  readonly aggregator = 'sum'
  readonly #definition: Definition
  readonly #meter: Meter

  constructor(definition: Definition, meter: Meter) {
    this.name = definition.name
    this.help = definition.help
    this.type = definition.kind
    this.#definition = definition
    this.#meter = meter
  }

  async get(): Promise<object> {
    const { name, help, type, aggregator } = this
    const values = valuesOf(this.#definition, await this.#meter.read())
    return { name, help, type, aggregator, values }
  }

  /** The counters are the caches' own. */
  reset(): void {}
}

function valuesOf(definition: Definition, reading: Reading): ScrapedValue[] {
  if (definition.kind !== 'histogram') return [...definition.samples(reading)]
  return definition.distributions(reading).flatMap((each) => histogramValues(definition.name, each))
}

function histogramValues(name: string, { labels, count, sumSeconds, upTo }: Distribution): ScrapedValue[] {
  const buckets = [...upTo, ['+Inf', count] as const]
  return [
    ...buckets.map(([le, value]) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value })),
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
