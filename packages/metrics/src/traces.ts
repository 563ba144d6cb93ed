import { onCacheEvent, type Clock } from '@cache/core'
/** What is used of OpenTelemetry's `Tracer`, whose enums stand as numbers here: it need not be installed. */
export interface SpanMaker {
  startSpan(name: string, options: SpanOptions): SpanBeingMade
}

interface SpanOptions {
  readonly kind: number
  readonly startTime: number
  readonly attributes: Record<string, string>
}

interface SpanBeingMade {
  setStatus(status: { readonly code: number }): unknown
  end(endTime: number): void
}

/** `SpanKind` and `SpanStatusCode`. */
const internalKind = 0
const clientKind = 2
const errorStatus = 2

interface FinishedWork {
  readonly name: string
  readonly kind: number
  readonly durationMs: number
  readonly attributes: Record<string, string>
  readonly failed: boolean
}

/**
 * Spans of loads and of calls to the backend, made when they end, below whatever span is active there. They name
 * the cache and never a key. The result stops it.
 */
export function traceCaches(prefix: string, tracer: SpanMaker, clock: Clock): () => void {
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
