import { channel } from 'node:diagnostics_channel'
import process from 'node:process'
import {
  CacheError,
  createCaches,
  refuseUnknown,
  systemClock,
  type AuditTrail,
  type CacheBackend,
  type Caches,
  type CachesOptions,
  type InvalidationTransport,
  type LocalTierFactory,
  type Protection,
  type ReportEvent,
  type SecurityOptions,
} from '@cache/core'
import { BackendRegistry, isInstalled, type BackendProvider } from './backend-registry.ts'
import { cacheVariables, type CacheVariableValues } from './cache-variables.ts'
import { faultsTogether, type ReadCacheVariables } from './check-together.ts'
import { chooseBackend, type BackendChoice } from './choose-backend.ts'
import { environmentOptions } from './environment-options.ts'
import { findPackage, loadFunction, packageRoots } from './installed-package.ts'
import { readVariables, type VariableSource } from './read-variables.ts'

/** Where the variables come from and what may be chosen. */
export interface EnvironmentOptions {
  /** Default: `process.env`. Texts of several sources: earlier ones win. */
  readonly sources?: readonly VariableSource[] | undefined
  /** Backends of your own, by the name that `CACHE_BACKEND` gives them. */
  readonly backends?: readonly BackendProvider[] | undefined
  /** A file or directory of the application: backend packages are looked for beside it. `import.meta.url` is good. */
  readonly from?: string | undefined
  /** Options of `createCaches` that win over the variables. */
  readonly caches?: Partial<CachesOptions> | undefined
}

/** What the environment says, and the backend that was chosen for it. */
export interface CacheEnvironment {
  /** For `createCaches`. */
  readonly options: CachesOptions
  readonly choice: BackendChoice
  readonly values: CacheVariableValues
  /** What the values mean where they depend on each other. */
  readonly sessions: 'filesystem' | 'redis' | 'valkey'
}

/**
 * Reads the variables, checks them together, chooses a backend and loads the packages it needs. Says what it chose on
 * the channel `cache:report`, and what does not go as asked as a warning of the process where nobody listens.
 *
 * @throws CacheError `INVALID_OPTION` with every fault and its mend; `BACKEND_UNREACHABLE` as {@link chooseBackend}
 */
export async function cacheEnvironment(options: EnvironmentOptions = {}): Promise<CacheEnvironment> {
  refuseUnknown(options, ['sources', 'backends', 'from', 'caches'], 'cacheEnvironment')
  const registry = new BackendRegistry()
  for (const provider of options.backends ?? []) registry.add(provider)
  const read = checkedVariables(options.sources ?? [processEnvironment()], registry)
  const roots = packageRoots(options.from)
  const clock = options.caches?.environment?.clock ?? systemClock
  const { backend, choice } = await chooseBackend({ ...read, registry, roots, clock })
  const given = { ...environmentOptions(read, choice.backend), ...options.caches }
  report(given.prefix ?? 'cache', choice)
  const l1 = given.l1 ?? (await localTier(choice, registry, { ...read, roots }))
  const protection = given.protection ?? (await environmentProtection(read, roots))
  const security = await withAudit(given.security, read, roots)
  const transport = given.transport ?? (l1 && (await serverTransport(backend, roots)))
  return {
    options: {
      ...given,
      backend,
      ...(l1 ? { l1 } : {}),
      ...(protection ? { protection } : {}),
      ...(security ? { security } : {}),
      ...(transport ? { transport } : {}),
    },
    choice,
    values: read.values,
    sessions: sessionsOf(read, choice),
  }
}

/** Caches made by what the environment says. As {@link cacheEnvironment} and `createCaches`. */
export async function cachesFromEnvironment(
  options: EnvironmentOptions = {},
): Promise<CacheEnvironment & { readonly caches: Caches }> {
  const environment = await cacheEnvironment(options)
  return { ...environment, caches: await createCaches(environment.options) }
}

/** The environment of this process, where names of others stand beside ours. */
export function processEnvironment(): VariableSource {
  return { label: 'the environment', values: process.env, checkNames: 'near' }
}

/**
 * Reads the variables and checks them together.
 *
 * @throws CacheError `INVALID_OPTION` with every fault and its mend
 */
export function checkedVariables(
  sources: readonly VariableSource[],
  registry: BackendRegistry = new BackendRegistry(),
): ReadCacheVariables {
  const read = readVariables(cacheVariables, sources)
  const faults = 'faults' in read ? read.faults : faultsTogether(read, registry)
  if ('faults' in read || faults.length > 0) throw new CacheError('INVALID_OPTION', faultText(faults))
  return read
}

function faultText(faults: readonly string[]): string {
  if (faults.length === 1) return `The cache settings have a fault: ${faults[0]}`
  return `The cache settings have ${faults.length} faults:\n${faults.map((fault) => `- ${fault}`).join('\n')}`
}

function sessionsOf(
  { values, given }: ReadCacheVariables,
  choice: BackendChoice,
): CacheEnvironment['sessions'] {
  if (!values.MULTI_INSTANCE_MODE || given.has('SESSION_TYPE')) return values.SESSION_TYPE
  return choice.backend === 'valkey' ? 'valkey' : 'redis'
}

/** A tier in front of whatever is not itself in this process, where `@cache/memory` is installed. */
async function localTier(
  choice: BackendChoice,
  registry: BackendRegistry,
  request: ReadCacheVariables & { readonly roots: readonly string[] },
): Promise<LocalTierFactory | undefined> {
  const memory = new BackendRegistry().get('memory')
  if (registry.get(choice.backend)?.shared === 'process') return undefined
  if (!memory || !isInstalled(memory, request.roots)) return undefined
  return (await memory.open(request)) as unknown as LocalTierFactory
}

/** What seals sensitive caches, where that is wanted and `@cache/crypto` is installed. */
export async function environmentProtection(
  { values }: ReadCacheVariables,
  roots: readonly string[],
): Promise<Protection | undefined> {
  const packageName = '@cache/crypto'
  if (!values.CACHE_ENCRYPTION_ENABLED || findPackage(packageName, roots) === undefined) return undefined
  const encryption = await loadFunction(packageName, 'encryption', roots)
  return encryption({ keyFile: values.CACHE_KEY_FILE }) as Protection
}

/** Tells L1 of what other instances change at once, where the backend is a server and `@cache/invalidation` is installed. */
async function serverTransport(
  backend: CacheBackend,
  roots: readonly string[],
): Promise<InvalidationTransport | undefined> {
  const packageName = '@cache/invalidation/pubsub'
  if (!('client' in backend) || findPackage(packageName, roots) === undefined) return undefined
  const pubSub = await loadFunction(packageName, 'pubSub', roots)
  return pubSub({ backend }) as InvalidationTransport
}

/** The audit that `CACHE_AUDIT_ENABLED` asks for; an audit of the caller's stays. */
async function withAudit(
  security: SecurityOptions | undefined,
  { values }: ReadCacheVariables,
  roots: readonly string[],
): Promise<SecurityOptions | undefined> {
  if (!values.CACHE_AUDIT_ENABLED || security?.audit) return security
  const auditLog = await loadFunction('@cache/audit', 'auditLog', roots)
  const instance = values.INSTANCE_ID === '' ? {} : { instance: values.INSTANCE_ID }
  const audit = auditLog({ file: values.CACHE_AUDIT_LOG_PATH, ...instance }) as AuditTrail
  return { ...security, audit }
}

function report(prefix: string, { backend, explanation, warnings }: BackendChoice): void {
  const reports = channel('cache:report')
  const publish = (message: string): void =>
    reports.publish({ prefix, source: 'environment', message } satisfies ReportEvent)
  if (reports.hasSubscribers) publish(`Chose ${backend}: ${explanation}`)
  for (const message of warnings) {
    if (reports.hasSubscribers) publish(message)
    else process.emitWarning(message, 'CacheWarning')
  }
}
