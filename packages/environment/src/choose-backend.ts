import { CacheError, type CacheBackend, type Clock } from '@cache/core'
import {
  type BackendProvider,
  type BackendRegistry,
  type BackendRequest,
  isInstalled,
} from './backend-registry.ts'
import { explicitBackend } from './check-together.ts'

/** Why a backend was chosen. */
export type ChoiceReason =
  /** `CACHE_BACKEND` names it. */
  | 'explicit'
  /** `MULTI_INSTANCE_MODE` needs a server, and this one answers. */
  | 'multi-instance'
  /** Its server answers. */
  | 'reachable-server'
  /** No server answers, or none can be asked. */
  | 'default'
  /** `CACHE_AUTO_CONFIGURE=false` and no `CACHE_BACKEND`. */
  | 'automatic-off'
  /** The server that `CACHE_BACKEND` names does not answer. */
  | 'fallback'

/** Which backend was chosen, and why. */
export interface BackendChoice {
  readonly backend: string
  readonly reason: ChoiceReason
  /** One sentence for people. */
  readonly explanation: string
  /** What does not go as it was asked for, each with its mend; empty on a good day. */
  readonly warnings: readonly string[]
}

export interface ChosenBackend {
  readonly choice: BackendChoice
  readonly backend: CacheBackend
}

export interface ChoiceRequest extends BackendRequest {
  readonly registry: BackendRegistry
  readonly clock: Clock
}

/**
 * Chooses in the documented order: explicit; with several instances a server, or an error; a server that answers;
 * SQLite. Whoever is asked for and does not answer gives way to SQLite in a single instance.
 *
 * @throws CacheError `INVALID_OPTION` when a package is missing; `BACKEND_UNREACHABLE` when several instances have no
 *   server
 */
export async function chooseBackend(request: ChoiceRequest): Promise<ChosenBackend> {
  const { values, registry } = request
  const explicit = explicitBackend(values)
  const provider = explicit === undefined ? undefined : registry.get(explicit)
  if (provider) return chooseExplicit(provider, request)
  if (values.MULTI_INSTANCE_MODE) return chooseServer(request)
  if (!values.CACHE_AUTO_CONFIGURE)
    return chooseLocal(request, 'automatic-off', 'CACHE_AUTO_CONFIGURE is false')
  return chooseAutomatically(request)
}

async function chooseExplicit(provider: BackendProvider, request: ChoiceRequest): Promise<ChosenBackend> {
  const { name, shared } = provider
  const fault = shared === 'network' ? await faultOf(provider, request) : undefined
  if (fault === undefined)
    return chosen(provider, request, { reason: 'explicit', explanation: `CACHE_BACKEND is ${name}` })
  if (request.values.MULTI_INSTANCE_MODE || isMissingPackage(fault)) throw fault
  const why = `CACHE_BACKEND is ${name}, but its server does not answer (${fault.message})`
  const warning = `${why}; start it or check REDIS_HOST and REDIS_PORT. This process keeps its entries in SQLite`
  const local = await chooseLocal(request, 'fallback', why)
  return { ...local, choice: { ...local.choice, warnings: [warning, ...local.choice.warnings] } }
}

async function chooseServer(request: ChoiceRequest): Promise<ChosenBackend> {
  const { provider, faults } = await firstAnswering(request)
  const explanation = 'MULTI_INSTANCE_MODE needs a shared server, and this one answers'
  if (provider) return chosen(provider, request, { reason: 'multi-instance', explanation })
  throw new CacheError(
    'BACKEND_UNREACHABLE',
    `MULTI_INSTANCE_MODE needs Redis or Valkey, and none can be used: ${faults.join('; ')}`,
  )
}

async function chooseAutomatically(request: ChoiceRequest): Promise<ChosenBackend> {
  const { provider, faults } = await firstAnswering(request)
  const explanation = 'its server answers'
  if (provider) return chosen(provider, request, { reason: 'reachable-server', explanation })
  return chooseLocal(request, 'default', faults.join('; '))
}

async function firstAnswering(
  request: ChoiceRequest,
): Promise<{ readonly provider?: BackendProvider; readonly faults: readonly string[] }> {
  const faults: string[] = []
  for (const provider of request.registry.servers) {
    const fault = await faultOf(provider, request)
    if (fault === undefined) return { provider, faults }
    faults.push(`${provider.name}: ${fault.message}`)
  }
  return { faults }
}

/** SQLite, or the memory of this process where only that is installed. */
async function chooseLocal(
  request: ChoiceRequest,
  reason: ChoiceReason,
  explanation: string,
): Promise<ChosenBackend> {
  const { registry, roots } = request
  const sqlite = registry.get('sqlite')
  if (sqlite && isInstalled(sqlite, roots)) return chosen(sqlite, request, { reason, explanation })
  const memory = registry.get('memory')
  if (!memory || !isInstalled(memory, roots)) {
    throw new CacheError('INVALID_OPTION', 'No backend is installed; run: npm install @cache/sqlite')
  }
  const warning = '@cache/sqlite is not installed, so entries end with this process; install it to keep them'
  return chosen(memory, request, { reason, explanation, warnings: [warning] })
}

async function chosen(
  provider: BackendProvider,
  request: ChoiceRequest,
  choice: Pick<BackendChoice, 'reason' | 'explanation'> & Partial<Pick<BackendChoice, 'warnings'>>,
): Promise<ChosenBackend> {
  const backend = await provider.open(request)
  return { backend, choice: { backend: provider.name, warnings: [], ...choice } }
}

/** Why a server cannot be used: its package is missing, it does not answer in time, or not well. */
async function faultOf(provider: BackendProvider, request: ChoiceRequest): Promise<CacheError | undefined> {
  const { packageName = '' } = provider
  if (!isInstalled(provider, request.roots)) {
    return new CacheError(
      'INVALID_OPTION',
      `${packageName} is not installed; run: npm install ${packageName}`,
    )
  }
  const probe = await provider.open(request)
  const late = Promise.withResolvers<never>()
  const { clock, values } = request
  const timer = clock.setTimer(values.REDIS_TIMEOUT, () => late.reject(new Error('no answer in time')))
  try {
    await Promise.race([answers(probe, clock), late.promise])
    return undefined
  } catch (error) {
    return unreachable(error)
  } finally {
    timer.cancel()
    await probe.close().catch(() => undefined)
  }
}

async function answers(backend: CacheBackend, clock: Clock): Promise<void> {
  await backend.start({ prefix: 'probe', clock, report: () => undefined })
  const { healthy, warnings } = await backend.health()
  if (!healthy) throw new Error(warnings[0] ?? 'it is not healthy')
}

function unreachable(error: unknown): CacheError {
  const reason = error instanceof Error ? error.message : 'it failed'
  return new CacheError('BACKEND_UNREACHABLE', reason, { cause: error })
}

function isMissingPackage({ code }: CacheError): boolean {
  return code === 'INVALID_OPTION'
}
