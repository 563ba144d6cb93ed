import { onCacheEvent, type Clock } from '@cache/core'
import type { Attributes, SpanKind, SpanStatusCode, Tracer } from '@opentelemetry/api'

// Values of enums of OpenTelemetry, which need not be installed.
const internalKind = 0 as SpanKind.INTERNAL
const clientKind = 2 as SpanKind.CLIENT
const errorStatus = 2 as SpanStatusCode.ERROR

interface FinishedWork {
  readonly name: string
  readonly kind: SpanKind
  readonly durationMs: number
  readonly attributes: Attributes
  readonly failed: boolean
}

/**
 * Spans of loads and of calls to the backend, made when they end, below whatever span is active there. They name
 * the cache and never a key. The result stops it.
 */
export function traceCaches(prefix: string, tracer: Tracer, clock: Clock): () => void {
  const span = ({ name, kind, durationMs, attributes, failed }: FinishedWork): void => {
    const endMs = clock.wallMs()
    const made = tracer.startSpan(name, { kind, startTime: endMs - durationMs, attributes })
    if (failed) made.setStatus({ code: errorStatus })
    made.end(endMs)
  }
  const stops = [
    onCacheEvent('cache:operation', (event) => {
      if (event.prefix !== prefix) return
      const { cache, operation, outcome, durationMs } = event
      const attributes = { 'cache.name': cache, 'cache.operation': operation, 'cache.outcome': outcome }
      span({ name: `cache ${operation}`, kind: clientKind, durationMs, attributes, failed: outcome !== 'ok' })
    }),
    onCacheEvent('cache:load', (event) => {
      if (event.prefix !== prefix) return
      const { cache, outcome, durationMs } = event
      const attributes = { 'cache.name': cache, 'cache.outcome': outcome }
      span({ name: 'cache load', kind: internalKind, durationMs, attributes, failed: outcome === 'failed' })
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
