export { prometheus, type MetricRegistry, type PrometheusOptions, type Publishing } from './prometheus.ts'
export { openTelemetry, openTelemetryName, type OpenTelemetryOptions } from './open-telemetry.ts'
export { definitions, type Definition, type Distribution, type Labels, type Sample } from './definitions.ts'
export type { Reading } from './reading.ts'
