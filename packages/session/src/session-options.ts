import { CacheError, durationMs, type Duration } from '@cache/core'
import { idSigner, type IdSigner } from './session-ids.ts'
import type { SessionData } from './merge.ts'
import type { SessionRecords } from './session-records.ts'

/** What sessions are made with. */
export interface SessionsOptions {
  /** Tells these sessions from others over the same backend. Default `'sessions'`. */
  readonly name?: string | undefined
  /** A session ends when it was not used for this long. Default 1 day. */
  readonly idle?: Duration | undefined
  /**
   * A session ends this long after it began, however much it is used; or at a moment that is computed from when it
   * began, in milliseconds from there, as `dailyAt('03:00', 'Asia/Kolkata')` does. Default 30 days.
   */
  readonly absolute?: Duration | ((wallMs: number) => number) | undefined
  /** Whose session it is, by its data; `undefined` before the user has signed in. Default: its field `userId`. */
  readonly userOf?: ((data: SessionData) => string | number | undefined) | undefined
  /** Sessions that one user may have; of more, the oldest ends. Default: no limit. */
  readonly maxPerUser?: number | undefined
  /** Seals the data and hashes the ids with a key; needs `protection` of the caches. Default `false`. */
  readonly sensitive?: boolean | undefined
  /** Signs the ids that `create` gives out. Frameworks sign theirs themselves. Default: not signed. */
  readonly secrets?: string | readonly string[] | undefined
  /** Sessions kept; those not used for longest go first. With `records`, those in the cache. Default: no limit. */
  readonly maxSessions?: number | undefined
  /** A database in which sessions rest, with a cache in front of it. Default: the backend of the caches. */
  readonly records?: SessionRecords | undefined
  /** With `records`: how long another process may go on with a session that was ended; `0` not at all. Default: as for caches. */
  readonly within?: Duration | undefined
  /** With `records`: the caller that rules and the audit know the calls of the cache by. Default: that of the running code. */
  readonly as?: string | undefined
}

export interface SessionSettings {
  readonly name: string
  readonly idleMs: number
  /** From the moment at which a session begins. */
  readonly absoluteMs: (wallMs: number) => number
  readonly userOf: (data: SessionData) => string | undefined
  readonly maxPerUser: number
  readonly sensitive: boolean
  readonly signer: IdSigner | undefined
  readonly maxSessions: number | undefined
  readonly records: SessionRecords | undefined
  readonly within: Duration | undefined
  readonly as: string | undefined
}

const optionNames: readonly (keyof SessionsOptions)[] = [
  'name',
  'idle',
  'absolute',
  'userOf',
  'maxPerUser',
  'sensitive',
  'secrets',
  'maxSessions',
  'records',
  'within',
  'as',
]

/** @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option */
export function sessionSettings(options: SessionsOptions): SessionSettings {
  const unknown = Object.keys(options).find((name) => !optionNames.some((known) => known === name))
  if (unknown !== undefined)
    throw invalid(`createSessions has no option '${unknown}'; its options are ${optionNames.join(', ')}`)
  const {
    maxPerUser = Number.POSITIVE_INFINITY,
    userOf = ({ userId }) => userId as string | number | undefined,
  } = options
  if (!(maxPerUser >= 1 && (Number.isSafeInteger(maxPerUser) || maxPerUser === Number.POSITIVE_INFINITY)))
    throw invalid('maxPerUser must be a whole number from 1')
  const { records, within, as } = options
  if (records === undefined && (within !== undefined || as !== undefined))
    throw invalid(`${within === undefined ? 'as' : 'within'} is for sessions with records; leave it out`)
  return {
    name: options.name ?? 'sessions',
    idleMs: positiveMs(options.idle ?? '1d', 'idle'),
    absoluteMs: absoluteOf(options.absolute ?? '30d'),
    userOf: (data) => userText(userOf(data)),
    maxPerUser,
    sensitive: options.sensitive ?? false,
    signer: options.secrets === undefined ? undefined : idSigner(options.secrets),
    maxSessions: options.maxSessions,
    records,
    within,
    as,
  }
}

function userText(user: string | number | undefined): string | undefined {
  return user === undefined || user === '' ? undefined : String(user)
}

function absoluteOf(absolute: Duration | ((wallMs: number) => number)): (wallMs: number) => number {
  if (typeof absolute === 'function') return absolute
  const ms = positiveMs(absolute, 'absolute')
  return () => ms
}

function positiveMs(duration: Duration, option: string): number {
  const ms = durationMs(duration, option)
  if (ms > 0) return ms
  throw invalid(`${option} must be more than 0`)
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
