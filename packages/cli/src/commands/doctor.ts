import { statSync } from 'node:fs'
import process from 'node:process'
import { createCaches } from '@cache/core'
import { BackendRegistry, isInstalled, type ReadCacheVariables } from '@cache/environment'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { openBackend, type OpenedBackend } from '../open-backend.ts'
import { readSettings, roots, settingSources, type CommandContext } from '../settings.ts'

/** One thing that was looked at. `mend` says what to do. */
interface Finding {
  readonly about: string
  readonly state: 'good' | 'warning' | 'fault'
  readonly message: string
}

/** Looks at the settings, the packages, the backend and what it may do, and the files' permissions. */
export async function doctor(context: CommandContext): Promise<ExitCode> {
  const findings: Finding[] = [...packageFindings()]
  const settings = readSettings(context.options)
  if ('faults' in settings) {
    findings.unshift(...settings.faults.map((message) => fault('settings', message)))
  } else {
    findings.unshift(good('settings', `variables that are set, all of them right: ${settings.given.size}`))
    findings.push(...permissionFindings(settings), ...adviceOf(settings), ...unreadFindings(context))
    findings.push(...(await backendFindings(context)))
  }
  const faults = findings.filter(({ state }) => state === 'fault').length
  const warnings = findings.filter(({ state }) => state === 'warning').length
  context.terminal.result({ healthy: faults === 0, faults, warnings, findings }, () =>
    show(context, findings),
  )
  return faults === 0 ? exitCodes.done : exitCodes.failed
}

function show({ terminal }: CommandContext, findings: readonly Finding[]): void {
  const marks = {
    good: terminal.style('green', '✓'),
    warning: terminal.style('yellow', '!'),
    fault: terminal.style('red', '✗'),
  }
  const width = Math.max(...findings.map(({ about }) => about.length))
  for (const { about, state, message } of findings)
    terminal.line(`${marks[state]} ${terminal.style('bold', about.padEnd(width))}  ${message}`)
  const faults = findings.filter(({ state }) => state === 'fault').length
  terminal.line()
  terminal.line(faults === 0 ? 'Nothing is broken.' : `${faults} to mend.`)
}

function packageFindings(): Finding[] {
  const registry = new BackendRegistry()
  const installed = registry.names.filter((name) => {
    const provider = registry.get(name)
    return provider !== undefined && isInstalled(provider, roots())
  })
  if (installed.length === 0)
    return [fault('packages', 'no backend is installed here; run: npm install @cache/sqlite')]
  return [good('packages', `${installed.join(', ')} can be used from ${process.cwd()}`)]
}

/** Entries and keys may be read by their owner alone. */
function permissionFindings({ values }: ReadCacheVariables): Finding[] {
  const places = [
    ['cache directory', values.SQLITE_CACHE_PATH, '700'],
    ['key file', values.CACHE_KEY_FILE, '600'],
    ['audit log', values.CACHE_AUDIT_LOG_PATH, '600'],
  ] as const
  return places.flatMap(([about, path, mode]) => {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined || process.platform === 'win32') return []
    const isOpen = (stats.mode & 0o077) !== 0
    const message = `${path} can be read by others; run: chmod ${mode} ${path}`
    return [isOpen ? fault(about, message) : good(about, `${path} is its owner's alone`)]
  })
}

function adviceOf({ values, given }: ReadCacheVariables): Finding[] {
  const findings: Finding[] = []
  if (!values.CACHE_ENABLED || values.CACHE_BYPASS_CACHE)
    findings.push(warning('caching', 'it is switched off: every read is a miss'))
  if (values.CACHE_FAKE_MISS_RATE > 0)
    findings.push(
      warning(
        'caching',
        `CACHE_FAKE_MISS_RATE makes ${values.CACHE_FAKE_MISS_RATE * 100} % of the reads miss`,
      ),
    )
  if (!values.CACHE_ENCRYPTION_ENABLED)
    findings.push(warning('encryption', 'it is switched off; remove CACHE_ENCRYPTION_ENABLED=false'))
  if (values.MULTI_INSTANCE_MODE && !values.REDIS_TLS && given.has('REDIS_PASSWORD'))
    findings.push(warning('server', 'the password goes over an open connection; set REDIS_TLS=true'))
  return findings
}

/** An address that others read, and the caches do not. */
function unreadFindings({ options }: CommandContext): Finding[] {
  const sources = settingSources(options)
  return ['REDIS_URL', 'VALKEY_URL']
    .filter((name) => sources.some(({ values }) => values[name] !== undefined))
    .map((name) => warning('settings', `${name} is not read; set REDIS_HOST, REDIS_PORT and REDIS_DB`))
}

async function backendFindings(context: CommandContext): Promise<Finding[]> {
  let opened: OpenedBackend
  try {
    opened = await openBackend(context)
  } catch (error) {
    return [fault('backend', error instanceof Error ? error.message : String(error))]
  }
  const { backend, choice, prefix } = opened
  const caches = await createCaches({ backend: alreadyStarted(backend), prefix, upkeep: { onStart: false } })
  try {
    const { operations, healthy, details, warnings } = await caches.health()
    const can = Object.entries(operations)
    const cannot = can.filter(([, works]) => !works).map(([operation]) => operation)
    const facts = Object.entries(details).map(([name, value]) => `${name} ${value}`)
    const found = [
      good('backend', `${choice.backend}: ${choice.explanation}`),
      ...choice.warnings.map((message) => warning('backend', message)),
      cannot.length > 0
        ? fault(
            'operations',
            `${cannot.join(', ')} did not work; check what the account may do, and the disk`,
          )
        : good('operations', 'an entry was written, read and deleted'),
      ...(facts.length > 0 ? [good('details', facts.join(', '))] : []),
      ...warnings.map((message) => warning('server', message)),
    ]
    return healthy || cannot.length > 0
      ? found
      : [...found, fault('server', 'it says that it is not healthy')]
  } finally {
    await caches.close()
  }
}

/** A backend is started once. */
function alreadyStarted(backend: OpenedBackend['backend']): OpenedBackend['backend'] {
  return Object.assign(backend, { start: async () => undefined })
}

function good(about: string, message: string): Finding {
  return { about, state: 'good', message }
}

function warning(about: string, message: string): Finding {
  return { about, state: 'warning', message }
}

function fault(about: string, message: string): Finding {
  return { about, state: 'fault', message }
}
