import { createHmac, randomBytes } from 'node:crypto'
import process from 'node:process'
import { onCacheEvent, type OperationEvent, type ReadEvent } from '../events/channels.ts'
import type { DebugLogOptions } from './debug-options.ts'

/** Writes a line for each event of the caches with this prefix. The result stops it. */
export function logEvents(prefix: string, options: DebugLogOptions): () => void {
  const { hits = false, misses = false, slowOperations = false, write = writeLine } = options
  const keyHash = options.keys ? processKeyHash() : undefined
  const stops: (() => void)[] = []
  const onRead = (event: ReadEvent): void => {
    if (event.prefix !== prefix || !(event.outcome === 'miss' ? misses : hits)) return
    const key = keyHash ? ` key=${keyHash(event.key)}` : ''
    write(`cache ${event.outcome} cache=${event.cache}${key}`)
  }
  const onSlow = (event: OperationEvent): void => {
    if (event.prefix !== prefix) return
    const tookMs = event.durationMs.toFixed(1)
    write(`cache slow cache=${event.cache} operation=${event.operation} ms=${tookMs}`)
  }
  if (hits || misses) stops.push(onCacheEvent('cache:read', onRead))
  if (slowOperations) stops.push(onCacheEvent('cache:slow', onSlow))
  return () => stops.splice(0).forEach((stop) => stop())
}

/** Keyed with random bytes of this process, so that nobody can try out keys against a log. */
function processKeyHash(): (key: string) => string {
  const secret = randomBytes(32)
  return (key) => createHmac('sha256', secret).update(key).digest('hex').slice(0, 16)
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`)
}
