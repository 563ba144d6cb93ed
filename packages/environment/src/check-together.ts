import type { BackendRegistry } from './backend-registry.ts'
import type { CacheVariableName, CacheVariableValues } from './cache-variables.ts'
import { nearestName } from './nearest-name.ts'
import { listed } from './readers.ts'

/** What was read, for checks of several variables at once. */
export interface ReadCacheVariables {
  readonly values: CacheVariableValues
  readonly given: ReadonlySet<CacheVariableName>
}

/** The faults that no variable has by itself, each with its mend. */
export function faultsTogether(read: ReadCacheVariables, registry: BackendRegistry): string[] {
  return [
    ...backendFaults(read, registry),
    ...instanceFaults(read, registry),
    ...prefixFaults(read),
    ...metricsFaults(read),
  ]
}

/** The name that `CACHE_BACKEND` gives, or none. */
export function explicitBackend({ CACHE_BACKEND }: CacheVariableValues): string | undefined {
  return CACHE_BACKEND === '' ? undefined : CACHE_BACKEND.toLowerCase()
}

function backendFaults({ values }: ReadCacheVariables, registry: BackendRegistry): string[] {
  const name = explicitBackend(values)
  if (name === undefined || registry.get(name) !== undefined) return []
  const nearest = nearestName(name, registry.names)
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return [`CACHE_BACKEND is '${values.CACHE_BACKEND}', but must be ${listed(registry.names)}${guess}`]
}

function instanceFaults({ values, given }: ReadCacheVariables, registry: BackendRegistry): string[] {
  if (!values.MULTI_INSTANCE_MODE) return []
  const name = explicitBackend(values)
  const provider = name === undefined ? undefined : registry.get(name)
  const faults: string[] = []
  if (provider !== undefined && provider.shared !== 'network') {
    const servers = listed(registry.servers.map((server) => server.name))
    faults.push(`CACHE_BACKEND is '${name}', but MULTI_INSTANCE_MODE needs ${servers}; change one of them`)
  }
  if (values.INSTANCE_ID === '')
    faults.push('INSTANCE_ID is missing; MULTI_INSTANCE_MODE needs one, different in each instance')
  if (!given.has('REDIS_HOST') && values.SESSION_REDIS_URL === undefined)
    faults.push('REDIS_HOST is missing; MULTI_INSTANCE_MODE needs the server that the instances share')
  if (given.has('SESSION_TYPE') && values.SESSION_TYPE === 'filesystem')
    faults.push("SESSION_TYPE is 'filesystem', but MULTI_INSTANCE_MODE needs redis or valkey; change it")
  return faults
}

function prefixFaults({ values, given }: ReadCacheVariables): string[] {
  const both = given.has('CACHE_KEY_PREFIX') && given.has('REDIS_KEY_PREFIX')
  return both && values.CACHE_KEY_PREFIX !== values.REDIS_KEY_PREFIX
    ? [
        'CACHE_KEY_PREFIX and REDIS_KEY_PREFIX differ; both name the first part of every key, so set one of them',
      ]
    : []
}

function metricsFaults({ values, given }: ReadCacheVariables): string[] {
  return values.CACHE_STATS_ENABLED || !given.has('CACHE_METRICS_ENABLED') || !values.CACHE_METRICS_ENABLED
    ? []
    : ['CACHE_METRICS_ENABLED needs CACHE_STATS_ENABLED=true: metrics are made of the statistics']
}
