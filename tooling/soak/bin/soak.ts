/**
 * Uses caches for long, opens and closes others meanwhile, and tells what is left of it:
 *
 *     pnpm soak --minutes 5 [--backend memory|sqlite|redis] [--json]
 *     node --expose-gc tooling/soak/bin/soak.ts --rounds 200 --backend sqlite
 *
 * Exits with 1 when the heap grows with the rounds, or when something still runs after `close`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { CacheBackend } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { sqlite } from '@cache/sqlite'
import { TestServer } from '@cache/tooling-servers'
import { heapSlope, type HeapSample } from '../src/heap-slope.ts'
import { openAll, Workload } from '../src/workload.ts'

/** Bytes that a round may leave: the logs of changes fill slowly. A kept object for each of its 700 calls would be more. */
const mostBytesPerRound = 5000
const samplesTaken = 30

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    rounds: { type: 'string', default: '300' },
    backend: { type: 'string', default: 'sqlite' },
    url: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

const { gc } = globalThis
if (gc === undefined) restartWithCollector()
else {
  await main(() => {
    gc()
  })
}

/** The collector can be called only by a process that was started so. */
function restartWithCollector(): void {
  const flags = ['--expose-gc', import.meta.filename, ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, flags, { stdio: 'inherit' }).status ?? 1
}

async function main(collect: () => void): Promise<void> {
  const server = values.backend === 'redis' ? await TestServer.start({ kind: 'redis' }) : undefined
  const directory = mkdtempSync(join(tmpdir(), 'soak-'))
  // The server is a child with streams: what is open before is not of the caches.
  const before = process.getActiveResourcesInfo()
  try {
    const samples = await soak(() => backendAt(directory, server?.url ?? ''), collect)
    const slope = heapSlope(samples)
    const left = await leftOpen(before)
    report({ rounds: samples.at(-1)?.round ?? 0, bytesPerRound: Math.round(slope), left })
  } finally {
    await server?.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

function backendAt(directory: string, url: string): CacheBackend {
  if (values.backend === 'memory') return memory({ maxEntries: 10_000 })
  if (values.backend === 'redis') return redis({ url })
  if (values.backend === 'sqlite') return sqlite({ directory })
  throw new RangeError('--backend must be memory, sqlite or redis')
}

/** The second half of the rounds is measured: the first fills what is bounded. */
async function soak(open: () => CacheBackend, collect: () => void): Promise<HeapSample[]> {
  const until = values.minutes === undefined ? undefined : performance.now() + Number(values.minutes) * 60_000
  const rounds = Number(values.rounds)
  const kept = await openAll(open())
  const workload = new Workload(kept)
  const samples: HeapSample[] = []
  const step = Math.max(1, Math.floor(rounds / samplesTaken))
  const isEnough = (round: number): boolean =>
    until === undefined ? round >= rounds : performance.now() >= until
  for (let round = 0; !isEnough(round); round++) {
    await workload.run(round)
    if (round % 10 === 0) await openAndClose(open())
    if (round % step === 0) samples.push({ round, bytes: await heapBytes(collect) })
  }
  await kept.close()
  return samples.slice(Math.floor(samples.length / 2))
}

async function openAndClose(backend: CacheBackend): Promise<void> {
  const caches = await openAll(backend)
  await caches.define<number>('short', { ttl: '1m' }).set('one', 1)
  await caches.close()
}

async function heapBytes(collect: () => void): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await pause(5)
    collect()
  }
  return process.memoryUsage().heapUsed
}

/** What still runs after everything was closed, given a moment for sockets to end. */
async function leftOpen(before: readonly string[]): Promise<string[]> {
  const known = new Map<string, number>()
  for (const resource of before) known.set(resource, (known.get(resource) ?? 0) + 1)
  for (let attempt = 0; ; attempt++) {
    await pause(20)
    const spare = new Map(known)
    const left = process.getActiveResourcesInfo().filter((resource) => {
      const count = spare.get(resource) ?? 0
      spare.set(resource, count - 1)
      return count <= 0
    })
    if (left.length === 0 || attempt === 100) return left
  }
}

function report(result: {
  readonly rounds: number
  readonly bytesPerRound: number
  readonly left: readonly string[]
}): void {
  if (values.json) console.log(JSON.stringify({ suite: 'soak', backend: values.backend, ...result }))
  else
    console.log(
      `${values.backend}: ${result.rounds} rounds, ${result.bytesPerRound} bytes left by each, ${result.left.length} handles open`,
      ...result.left,
    )
  process.exitCode = result.bytesPerRound <= mostBytesPerRound && result.left.length === 0 ? 0 : 1
}
