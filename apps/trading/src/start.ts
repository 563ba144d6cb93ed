import process from 'node:process'

import type { Configuration } from './config/configuration.ts'
import { buildPage, builtDirectory, pageIsCurrent } from './page/page-build.ts'
import { loadInstruments, type RunningApp, runApp } from './running-app.ts'
import { startDecision } from './start-options.ts'
import { faultsText, startFault } from './terminal/faults-text.ts'
import { counted, progressText, Terminal } from './terminal/terminal.ts'
import { warmUp } from './warm-up.ts'

const terminal = new Terminal()
const decision = startDecision(process.argv.slice(2), process.env)

if (decision.kind === 'help') process.stdout.write(`${decision.text}\n`)
else if (decision.kind === 'faults') refuse(decision.faults)
else await start(decision.configuration)

async function start(configuration: Configuration): Promise<void> {
  try {
    await preparePage()
    const running = await runApp(configuration, builtDirectory)
    stopOnSignals(running)
    await welcome(running)
    await showLoading(running)
  } catch (error) {
    const { HOST: host, PORT: port } = configuration.values
    const fault = startFault(error, { host, port }) ?? messageOf(error)
    refuse([fault])
  }
}

async function preparePage(): Promise<void> {
  if (pageIsCurrent()) return
  terminal.line('Building the web page (once, a few seconds)…')
  await buildPage()
}

async function welcome({ address, app }: RunningApp): Promise<void> {
  terminal.line()
  terminal.line(`Trading app  →  ${address}`)
  terminal.line()
  const next = (await app.users.hasAnyone())
    ? 'Open it and sign in. Everything from before is still there.'
    : 'Open it, choose a name and a password, then connect the simulated broker.'
  terminal.line(next)
  terminal.line('Ctrl-C stops it.')
  terminal.line()
}

async function showLoading({ app }: RunningApp): Promise<void> {
  const unsubscribe = app.catalog.subscribe((status) => terminal.progress(progressText(status)))
  await Promise.all([
    loadInstruments(app),
    warmUp(app, ({ done }) => terminal.progress(`warming caches: ${counted(done)}`)),
  ])
  unsubscribe()
  const { instruments, source, fault, lastImport } = app.catalog.status
  if (instruments > 0) terminal.line(`${counted(instruments)} instruments from ${source}`)
  if (lastImport !== undefined && lastImport.rowsRejected > 0) {
    terminal.line(
      `${counted(lastImport.rowsRejected)} broken rows were left out: ${lastImport.rejected.join('; ')}`,
    )
  }
  if (fault !== undefined) terminal.line(fault.message)
}

/** Stops once, whichever signal asks; a second one ends the process where it stands. */
function stopOnSignals(running: RunningApp): void {
  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(1)
    stopping = true
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => refuse([messageOf(error)]),
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
}

function refuse(faults: readonly string[]): void {
  process.stderr.write(faultsText(faults))
  process.exitCode = 1
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error.message}${cause}`
}
