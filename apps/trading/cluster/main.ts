/** `pnpm start:cluster`, see cluster-options.ts. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

import { buildPage, pageIsCurrent } from '../src/page/page-build.ts'
import { Cluster } from './cluster.ts'
import { type ClusterFlags, clusterUsage, readClusterFlags } from './cluster-options.ts'

const args = process.argv.slice(2)

if (args.includes('--help')) say(clusterUsage)
else await run(readOrExplain())

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function explain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
}

function readOrExplain(): ClusterFlags {
  try {
    return readClusterFlags(args)
  } catch (error) {
    explain(error)
    return process.exit(2)
  }
}

async function run(flags: ClusterFlags): Promise<void> {
  if (!pageIsCurrent()) {
    say('Building the web page (once, a few seconds)…')
    await buildPage()
  }
  const directory = await mkdtemp(join(tmpdir(), 'trading-cluster-'))
  const starting = Cluster.start({ ...flags, directory, onProgress: (what) => say(`Starting ${what}…`) })
  const isStopping = stopWhenAsked(starting, directory)
  try {
    const cluster = await starting
    if (!isStopping()) announce(cluster)
  } catch (error) {
    explain(error)
    await removed(directory)
    process.exit(1)
  }
}

/** Also while it starts: it is stopped as soon as it has. */
function stopWhenAsked(starting: Promise<Cluster>, directory: string): () => boolean {
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    const cluster = await starting.catch(() => undefined)
    await cluster?.stop()
    await removed(directory)
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop())
  return () => stopping
}

function removed(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 5 })
}

function announce({ address, instances }: Cluster): void {
  say(`\nTrading app  →  ${address}\n`)
  for (const instance of instances) say(`  ${instance.name}  ${instance.address}`)
  say(
    '\nAny instance answers any request. Kill one and go on: kill -9 its process.\nCtrl-C stops everything.\n',
  )
}
