import { performance } from 'node:perf_hooks'
import { createCaches, type Cache } from '@cache/core'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { openBackend } from '../open-backend.ts'
import type { CommandContext } from '../settings.ts'
import { table } from '../terminal.ts'

interface Measured {
  readonly operation: string
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
}

/** How fast the backend is from here: single operations one after the other, and many at a time. */
export async function bench(context: CommandContext, flags: { readonly entries: number }): Promise<ExitCode> {
  const { backend, prefix } = await openBackend(context)
  const start = async (): Promise<void> => undefined
  const upkeep = { onStart: false }
  const caches = await createCaches({ backend: Object.assign(backend, { start }), prefix, upkeep })
  try {
    const cache = caches.define<string>('cache-bench', { ttl: '1m', l1: false })
    const measured = await measureAll(cache, flags.entries)
    await cache.clear()
    context.terminal.result({ backend: backend.name, entries: flags.entries, measured }, () => {
      const rows = measured.map(({ operation, perSecond, medianMs, p99Ms }) => [
        operation,
        Math.round(perSecond),
        medianMs.toFixed(3),
        p99Ms.toFixed(3),
      ])
      for (const line of table(['operation', 'per second', 'median ms', 'p99 ms'], rows))
        context.terminal.line(line)
    })
    return exitCodes.done
  } finally {
    await caches.close()
  }
}

async function measureAll(cache: Cache<string>, entries: number): Promise<Measured[]> {
  const value = 'x'.repeat(200)
  const keys = Array.from({ length: entries }, (_, index) => `k${index}`)
  return [
    await measure('set', keys, 1, (key) => cache.set(key, value)),
    await measure('get', keys, 1, (key) => cache.get(key)),
    await measure('get, 50 at a time', keys, 50, (key) => cache.get(key)),
    await measure('miss and load', keys, 1, (key) => cache.getOrLoad(['load', key], () => value)),
    await measure('delete', keys, 1, (key) => cache.delete(key)),
  ]
}

async function measure(
  operation: string,
  keys: readonly string[],
  atATime: number,
  call: (key: string) => Promise<unknown>,
): Promise<Measured> {
  const took: number[] = []
  const timed = async (key: string): Promise<void> => {
    const startMs = performance.now()
    await call(key)
    took.push(performance.now() - startMs)
  }
  const startMs = performance.now()
  for (let from = 0; from < keys.length; from += atATime)
    await Promise.all(keys.slice(from, from + atATime).map(timed))
  const seconds = (performance.now() - startMs) / 1000
  const sorted = took.sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  return { operation, perSecond: keys.length / seconds, medianMs: at(0.5), p99Ms: at(0.99) }
}
