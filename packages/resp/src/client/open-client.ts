import { CacheError } from '@cache/ports'
import type { RespOptions, RespSettings, SentinelOptions } from '../resp-options.ts'
import { type FamilyClient, type FamilyLibrary, isFamilyCluster } from './family.ts'
import { FamilyClusterClient } from './family-cluster.ts'
import { FamilySingle } from './family-single.ts'
import type { RespClient } from './resp-client.ts'
import { hostAndPort, type ServerAddress, serverAddress } from './server-address.ts'

const firstRetryMs = 50
const longestRetryMs = 2000

/**
 * Makes the client that the options describe. It connects when told to.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function openClient(options: RespOptions, settings: RespSettings, library: FamilyLibrary): RespClient {
  const { url, cluster, sentinel, client } = options
  if (client !== undefined) return wrapped(client, library)
  if (cluster !== undefined) return clusterClient(cluster, options, settings, library)
  if (sentinel !== undefined) {
    const all = {
      ...common(options, settings),
      ...sentinelOptions(sentinel, options),
      enableReadyCheck: true,
    }
    return new FamilySingle(library.connection(all), library, true)
  }
  const address = serverAddress(url ?? '', 'url')
  const where =
    address.path === undefined ? { host: address.host, port: address.port } : { path: address.path }
  const all = {
    ...common(options, settings),
    ...withAddress(options, address),
    ...where,
    db: address.db ?? 0,
  }
  return new FamilySingle(library.connection(all), library, true)
}

function wrapped(client: FamilyClient, library: FamilyLibrary): RespClient {
  if (typeof client !== 'object' || client === null || typeof client.on !== 'function')
    throw new CacheError(
      'INVALID_OPTION',
      `client must be a client or a cluster of the library that @cache/${library.name} uses`,
    )
  return isFamilyCluster(client)
    ? new FamilyClusterClient(client, library, false)
    : new FamilySingle(client, library, false)
}

function clusterClient(
  urls: readonly string[],
  options: RespOptions,
  settings: RespSettings,
  library: FamilyLibrary,
): RespClient {
  const addresses = urls.map((url) => serverAddress(url, 'cluster'))
  const [first] = addresses
  if (!first || addresses.some(({ db = 0, path }) => db !== 0 || path !== undefined))
    throw new CacheError(
      'INVALID_OPTION',
      'cluster must be a list of URLs, at least one, with host and without a database',
    )
  const nodes = addresses.map(({ host, port }) => ({ host, port }))
  const redisOptions = { ...common(options, settings), ...withAddress(options, first), retryStrategy: null }
  return new FamilyClusterClient(
    library.cluster(nodes, {
      redisOptions,
      lazyConnect: true,
      // It would take one more right, and without that right try for ever. What a cluster that is not complete can't do, it says.
      enableReadyCheck: false,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryAfterMs,
      slotsRefreshTimeout: settings.connectTimeoutMs,
      // Certificates name hosts: a cluster that tells names is to be reached by them.
      dnsLookup: (host: string, callback: (error: null, address: string) => void) => callback(null, host),
    }),
    library,
    true,
  )
}

function common(options: RespOptions, settings: RespSettings): Record<string, unknown> {
  return {
    lazyConnect: true,
    connectTimeout: settings.connectTimeoutMs,
    retryStrategy: retryAfterMs,
    // Nothing waits in the client, and nothing is sent twice: what becomes of a command is decided here.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(options.protocol === undefined ? {} : { protocol: options.protocol }),
  }
}

/** What the options say goes before what the URL says. */
function withAddress(options: RespOptions, address: ServerAddress): Record<string, unknown> {
  const tls = options.tls ?? (address.tls ? {} : undefined)
  const username = options.username ?? address.username
  const password = options.password ?? address.password
  return {
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}

function sentinelOptions(sentinel: SentinelOptions, options: RespOptions): Record<string, unknown> {
  const { addresses, name, username, password } = sentinel
  if (!Array.isArray(addresses) || addresses.length === 0 || typeof name !== 'string' || name === '')
    throw new CacheError(
      'INVALID_OPTION',
      "sentinel must have addresses, such as ['host:26379'], and the name of the primary",
    )
  const { tls, username: user, password: secret } = options
  return {
    sentinels: addresses.map((address) => hostAndPort(address, 'sentinel.addresses')),
    name,
    failoverDetector: true,
    sentinelRetryStrategy: retryAfterMs,
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls === undefined
      ? {}
      : { tls: { ...tls }, sentinelTLS: { ...tls }, enableTLSForSentinelMode: true }),
    ...(user === undefined ? {} : { username: user }),
    ...(secret === undefined ? {} : { password: secret }),
  }
}

/** Doubles, with jitter, so that the clients of a server that comes back do not come all at once. */
function retryAfterMs(attempt: number): number {
  const ms = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempt - 1, 10))
  return ms * (0.5 + Math.random() / 2)
}
