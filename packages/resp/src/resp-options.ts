import { CacheError, durationMs, type Duration } from '@cache/ports'
import type { FamilyClient } from './client/family.ts'

/** TLS as `node:tls` takes it. */
export interface TlsOptions {
  /** The authorities to trust, as PEM; those of the system by default. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** The client's certificate and key, as PEM. */
  readonly cert?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  readonly passphrase?: string | undefined
  /** The name to expect in the server's certificate; the host by default. */
  readonly servername?: string | undefined
}

export interface SentinelOptions {
  /** Addresses of Sentinels, `host:port`. */
  readonly addresses: readonly string[]
  /** The name under which they know the primary. */
  readonly name: string
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** Where the server is; exactly one of `url`, `cluster`, `sentinel` and `client`. */
export interface ServerOptions<Client extends FamilyClient = FamilyClient> {
  /** `redis://user:password@host:6379/0`; `rediss:` with TLS, `unix:/path` for a socket. */
  readonly url?: string | undefined
  /** URLs of some nodes of a cluster; they tell of the others. */
  readonly cluster?: readonly string[] | undefined
  readonly sentinel?: SentinelOptions | undefined
  /** A client of the caller's, which stays the caller's: it is never closed here. */
  readonly client?: Client | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?: TlsOptions | undefined
}

/** Limits of waiting. */
export interface WaitingOptions {
  /** How long one attempt to connect may take; 5 s by default. */
  readonly connectTimeout?: Duration | undefined
  /** After which a command is given up, and refuses to change anything if it runs all the same; 1 s by default. */
  readonly commandTimeout?: Duration | undefined
  /** Commands that may wait for their replies at the same time; 10,000 by default, 100 at least. */
  readonly maxPending?: number | undefined
  /** Start although no server can be reached, and go on trying; `false` by default. */
  readonly startWithoutServer?: boolean | undefined
}

export interface RespOptions<Client extends FamilyClient = FamilyClient>
  extends ServerOptions<Client>, WaitingOptions {
  /**
   * Use what a restarted server holds, instead of beginning cold. Only for a single server with `appendfsync always`, which loses no
   * acknowledged invalidation; `false` by default.
   */
  readonly trust?: boolean | undefined
  /**
   * Into how many slots the entries of each cache are spread, 1 by default. With more than one a cache uses several nodes of a
   * cluster, and a write takes two round trips. The same in all processes.
   */
  readonly partitions?: number | undefined
  /** The version of the protocol, 3 by default where the client knows it. */
  readonly protocol?: 2 | 3 | undefined
}

/** Options after validation. */
export interface RespSettings {
  readonly connectTimeoutMs: number
  readonly commandTimeoutMs: number
  readonly maxPending: number
  readonly startWithoutServer: boolean
  readonly trust: boolean
  readonly partitions: number
}

const places = ['url', 'cluster', 'sentinel', 'client'] as const
const known = [
  ...places,
  'username',
  'password',
  'tls',
  'connectTimeout',
  'commandTimeout',
  'maxPending',
  'startWithoutServer',
  'trust',
  'partitions',
  'protocol',
]

/** What a greeting takes, with all its scripts, and some more. */
const fewestPending = 100
const mostPartitions = 1024

/** @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option and the function, `who`. */
export function respSettings(who: string, options: RespOptions): RespSettings {
  checkNames(who, options)
  const { maxPending = 10_000, startWithoutServer = false, trust = false, partitions = 1, protocol } = options
  if (!Number.isSafeInteger(maxPending) || maxPending < fewestPending)
    throw invalid('maxPending', `a whole number, at least ${fewestPending}`)
  for (const [name, flag] of Object.entries({ startWithoutServer, trust }))
    if (typeof flag !== 'boolean') throw invalid(name, 'true or false')
  if (!Number.isSafeInteger(partitions) || partitions < 1 || partitions > mostPartitions)
    throw invalid('partitions', `a whole number from 1 to ${mostPartitions}`)
  if (protocol !== undefined && protocol !== 2 && protocol !== 3) throw invalid('protocol', '2 or 3')
  return {
    connectTimeoutMs: finiteMs(options.connectTimeout ?? '5s', 'connectTimeout'),
    commandTimeoutMs: finiteMs(options.commandTimeout ?? '1s', 'commandTimeout'),
    maxPending,
    startWithoutServer,
    trust,
    partitions,
  }
}

function checkNames(who: string, options: RespOptions): void {
  if (typeof options !== 'object' || options === null)
    throw invalid(`The argument of ${who}()`, 'an object of options')
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new CacheError('INVALID_OPTION', `${who}() has no option '${unknown}'; it has ${known.join(', ')}`)
  const given = places.filter((place) => options[place] !== undefined)
  if (given.length !== 1)
    throw new CacheError('INVALID_OPTION', `${who}() needs exactly one of url, cluster, sentinel and client`)
  if (options.client === undefined) return
  const spare = ['username', 'password', 'tls', 'connectTimeout', 'protocol'].find(
    (name) => options[name as keyof RespOptions] !== undefined,
  )
  if (spare !== undefined)
    throw new CacheError(
      'INVALID_OPTION',
      `${spare} has no effect on a client that is given: set it on the client`,
    )
}

function finiteMs(duration: Duration, option: string): number {
  const ms = durationMs(duration, option)
  if (ms <= 0 || ms === Number.POSITIVE_INFINITY)
    throw invalid(option, 'finite and above 0, so that every call ends')
  return ms
}

export function invalid(option: string, expected: string): CacheError {
  return new CacheError('INVALID_OPTION', `${option} must be ${expected}`)
}
