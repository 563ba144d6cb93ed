import { CacheError } from '@cache/ports'

/** What a URL of a server says. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  /** The path of a socket, instead of host and port. */
  readonly path: string | undefined
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number | undefined
}

const schemes: ReadonlyMap<string, boolean> = new Map([
  ['redis:', false],
  ['valkey:', false],
  ['rediss:', true],
  ['valkeys:', true],
])

const defaultPort = 6379

/** @throws CacheError `INVALID_OPTION`; the message never holds the URL, which may hold a password. */
export function serverAddress(url: string, option: string): ServerAddress {
  if (typeof url !== 'string' || !URL.canParse(url)) throw notUrl(option)
  const parsed = new URL(url)
  const { protocol, pathname } = parsed
  const credentials = { username: decoded(parsed.username), password: decoded(parsed.password) }
  if (protocol === 'unix:')
    return { host: '', port: 0, path: pathname, tls: false, ...credentials, db: undefined }
  const tls = schemes.get(protocol)
  if (tls === undefined || parsed.hostname === '' || parsed.search !== '') throw notUrl(option)
  const db = dbOf(pathname, option)
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: Number(parsed.port) || defaultPort, path: undefined, tls, ...credentials, db }
}

/** `host:port`. */
export function hostAndPort(text: string, option: string): { readonly host: string; readonly port: number } {
  const { host, port } = serverAddress(`redis://${text}`, option)
  return { host, port }
}

function dbOf(pathname: string, option: string): number | undefined {
  const text = pathname.replace(/^\//, '')
  if (text === '') return undefined
  if (!/^\d{1,5}$/.test(text)) throw notUrl(option)
  return Number(text)
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text)
}

function notUrl(option: string): CacheError {
  return new CacheError(
    'INVALID_OPTION',
    `${option} must be like redis://user:password@host:6379/0, rediss: for TLS, or unix:/path of a socket`,
  )
}
