/**
 * Breaks real servers, processes and connections, and holds every read against what had been acknowledged:
 *
 *     pnpm nemesis --minutes 5 [--server redis|valkey] [--clients 6] [--seed 1] [--json]
 *
 * Exits with 1 when a read was stale beyond the bound, a call hung, or naive cache-aside was not caught.
 */
import { parseArgs } from 'node:util'
import { runNemesis, type NemesisFigures, type NemesisResult } from '../src/nemesis.ts'

const shownReads = 3

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    server: { type: 'string', default: 'redis' },
    clients: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})

const { minutes, server, clients, seed } = values
if (server !== 'redis' && server !== 'valkey') throw new RangeError('--server must be redis or valkey')
const forMs = number(minutes, 'minutes', 0.05) * 60_000
const startedMs = performance.now()
let firstFaultMs: number | undefined
const result = await runNemesis({
  kind: server,
  isEnough: () => {
    firstFaultMs ??= performance.now()
    return performance.now() - firstFaultMs >= forMs
  },
  clients: number(clients, 'clients', 5),
  seed: number(seed, 'seed', 0),
  onFault: (name, figures) => process.stderr.write(`${progress(figures)}; ${name}\n`),
})
show(result)
process.exitCode = result.staleBeyondBound + result.hungCalls > 0 || result.naiveStale === 0 ? 1 : 0

function progress({ checkedReads, staleBeyondBound, hungCalls, naiveStale }: NemesisFigures): string {
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  return `${seconds} s: ${checkedReads} reads, ${staleBeyondBound} stale, ${hungCalls} hung; naive: ${naiveStale} stale`
}

function show({ staleReads, troubles, ...found }: NemesisResult): void {
  for (const { client, event, floor, rule, history } of staleReads.slice(0, shownReads)) {
    const { key, version, beginMs } = event
    say(
      `${client} read ${version} of k${key} at ${beginMs.toFixed(1)}, and should have seen ${floor} (${rule}):`,
    )
    for (const line of history) say(`    ${line}`)
  }
  for (const trouble of troubles.slice(0, 10)) say(trouble)
  const figures = {
    checked_reads: found.checkedReads,
    stale_beyond_bound: found.staleBeyondBound,
    hung_calls: found.hungCalls,
    failed_reads: found.failedReads,
    naive_reads: found.naiveReads,
    naive_stale: found.naiveStale,
    l1_share: Number(found.localShare.toFixed(3)),
    faults: found.faults,
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ suite: 'nemesis', figures })}\n`)
  else for (const [name, value] of Object.entries(figures)) say(`${name.padEnd(20)} ${value}`)
}

function number(text: string, option: string, least: number): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= least) return value
  throw new RangeError(`--${option} must be a number from ${least}`)
}

/** With `--json`, only the figures are for programs. */
function say(line: string): void {
  process[values.json ? 'stderr' : 'stdout'].write(`${line}\n`)
}
