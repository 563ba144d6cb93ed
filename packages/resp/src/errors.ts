import { CacheError, isCacheError, type ErrorCode } from '@cache/ports'

/** What the server's error asks for. */
export type FailureKind =
  /** The slot is elsewhere now: look anew and try again. */
  | 'moved'
  /** The script is not in the server's cache: load it and try again. */
  | 'script'
  /** Report it. */
  | 'other'

export function failureKind(error: unknown): FailureKind {
  const text = messageOf(error)
  if (/^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/.test(text)) return 'moved'
  return text.startsWith('NOSCRIPT') ? 'script' : 'other'
}

/** Whether it is the server that says it, rather than the connection. */
export function isReplyError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

interface Diagnosis {
  readonly pattern: RegExp
  readonly code: ErrorCode
  /** What is wrong and what mends it; the server's address follows "The server …". */
  readonly mend: string
}

/** By the server's error code or the system's; the first that fits. */
const diagnoses: readonly Diagnosis[] = [
  {
    pattern: /^(NOAUTH|WRONGPASS)|invalid password|without any password configured/i,
    code: 'BACKEND_REFUSED',
    mend: 'refused the credentials: check the user and the password',
  },
  {
    pattern: /NOPERM/,
    code: 'BACKEND_REFUSED',
    mend: "does not let this user do what a cache needs: give it '+@read +@write +@scripting +info +time +publish +spublish', for pub/sub '+ping +subscribe +ssubscribe', on a cluster '+cluster|slots', for another database than 0 '+select', the keys of the prefix and its channels",
  },
  {
    pattern: /^(-)?OOM|OOM command not allowed/,
    code: 'BACKEND_FULL',
    mend: 'has no memory left: raise its maxmemory, set a volatile-* eviction policy, or lower the limits of the caches',
  },
  {
    pattern: /READONLY/,
    code: 'BACKEND_READ_ONLY',
    mend: 'is a replica: give the address of the primary, or connect through Sentinel or Cluster',
  },
  {
    pattern: /^(MISCONF|NOREPLICAS)/,
    code: 'BACKEND_READ_ONLY',
    mend: 'refuses writes because it cannot save or lacks replicas: look into its log',
  },
  {
    pattern: /^LOADING/,
    code: 'BACKEND_UNREACHABLE',
    mend: 'is still loading its data: wait until it is ready; it is tried again by itself',
  },
  {
    pattern: /^(BUSY|UNKILLABLE)\b/,
    code: 'BACKEND_LOCKED',
    mend: 'is busy with a long script of somebody: end it with SCRIPT KILL',
  },
  {
    pattern: /^MASTERDOWN/,
    code: 'BACKEND_UNREACHABLE',
    mend: 'is a replica that lost its primary: wait for the failover, or give the address of the primary',
  },
  {
    pattern: /^(CLUSTERDOWN|TRYAGAIN|MOVED|ASK)\b|refresh slots cache|All sentinels are unreachable/i,
    code: 'BACKEND_UNREACHABLE',
    mend: 'does not hold the keys at present, or the cluster is not complete: check CLUSTER INFO',
  },
  {
    pattern: /^(WRONGTYPE|FOREIGN)/,
    code: 'BACKEND_CORRUPT',
    mend: "has a value of another program under this cache's keys: give the caches a prefix of their own, or remove it",
  },
  {
    pattern: /unknown command|ERR unknown subcommand/i,
    code: 'BACKEND_REFUSED',
    mend: 'lacks a command that a cache needs: use Redis 7.0 or Valkey 7.2, or newer, and rename no commands',
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    code: 'BACKEND_UNREACHABLE',
    mend: 'has a host name that is not known: check the host in the URL',
  },
  {
    pattern: /certificate|CERT_|SSL|TLS|EPROTO|wrong version number|unable to verify|altnames/i,
    code: 'BACKEND_REFUSED',
    mend: "and this client do not agree on TLS: check 'rediss:' in the URL, the authority and the client certificate",
  },
  {
    pattern: /ECONNREFUSED/,
    code: 'BACKEND_UNREACHABLE',
    mend: 'does not listen: check the host and the port, and whether it runs',
  },
  {
    pattern: /ETIMEDOUT|timed? ?out/i,
    code: 'BACKEND_TIMEOUT',
    mend: 'did not answer in time: check the address, whether it speaks TLS, the network and its load',
  },
  {
    pattern: /ECONNRESET|EPIPE|closed|ended|EHOSTUNREACH|ENETUNREACH|isn't writeable|Protocol error/i,
    code: 'BACKEND_UNREACHABLE',
    mend: 'closed the connection or cannot be reached: it is tried again by itself',
  },
]

/** The `CacheError` for what a server or a client library said. */
export function asCacheError(error: unknown, address: string): CacheError {
  if (isCacheError(error)) return error
  const text = messageOf(error)
  const found = diagnoses.find(({ pattern }) => pattern.test(text))
  if (found) return new CacheError(found.code, `The server ${address} ${found.mend}`, { cause: error })
  return new CacheError('BACKEND_FAILED', `The server ${address} failed; the cause says how`, {
    cause: error,
  })
}

/** Codes of the system and messages, of the error and what it was caused by. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  const text = isReplyError(error) || code === '' ? error.message : `${error.message} ${code}`
  const inner = 'lastNodeError' in error ? error.lastNodeError : error.cause
  return inner === undefined || inner === error ? text : `${text} ${messageOf(inner)}`
}

export function closedError(): CacheError {
  return new CacheError('CLOSED', 'The backend was closed')
}

export function lostError(address: string, cause?: unknown): CacheError {
  return new CacheError(
    'BACKEND_UNREACHABLE',
    `The connection to ${address} was lost before the reply came; whether a change was made is unknown`,
    { cause },
  )
}

export function lateError(address: string, timeoutMs: number): CacheError {
  return new CacheError(
    'BACKEND_TIMEOUT',
    `The server ${address} did not answer within commandTimeout (${timeoutMs} ms): check its load and the network`,
  )
}

export function crowdedError(address: string, limit: number): CacheError {
  return new CacheError(
    'BACKEND_UNREACHABLE',
    `${limit} commands wait for ${address} already: the server is too slow for this load, or raise maxPending`,
  )
}
