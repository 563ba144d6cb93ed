/**
 * `pnpm start:cluster`: three instances of the app behind nginx, with Valkey and PostgreSQL, on this machine.
 *
 *     pnpm start:cluster [--port 8080] [--instances 3]
 *
 * Everything is started anew and forgotten at the end: Ctrl-C stops all of it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

import { buildPage, pageIsCurrent } from '../src/page/page-build.ts'
import { Cluster } from './cluster.ts'

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    port: { type: 'string', default: '8080' },
    instances: { type: 'string', default: '3' },
  },
})

if (!pageIsCurrent()) {
  say('Building the web page (once, a few seconds)…')
  await buildPage()
}
const directory = await mkdtemp(join(tmpdir(), 'trading-cluster-'))
const starting = Cluster.start({
  directory,
  port: Number(values.port),
  instances: Number(values.instances),
  onProgress: (what) => say(`Starting ${what}…`),
})

/** Also while it starts: it is stopped as soon as it has. */
let stopping = false
const stop = async (): Promise<void> => {
  if (stopping) process.exit(1)
  stopping = true
  await starting.then(
    (cluster) => cluster.stop(),
    () => undefined,
  )
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop())

const cluster = await starting
if (!stopping) {
  say(`\nTrading app  →  ${cluster.address}\n`)
  for (const { name, address } of cluster.instances) say(`  ${name}  ${address}`)
  say(
    '\nAny instance answers any request. Kill one and go on: kill -9 its process.\nCtrl-C stops everything.\n',
  )
}
