import type { AccessRule, CacheOperation, CacheOptions, Cache, CacheKey, Caches } from '@cache/core'

/** Who has a secret cache, and what that part of the app does with it. */
interface Owner {
  readonly as: string
  readonly allow: readonly CacheOperation[]
}

/** Every cache that holds secrets. No other part of the app reads them, whatever it was given. */
const owners = {
  auth: { as: 'broker', allow: ['load', 'delete'] },
  'feed-tokens': { as: 'broker', allow: ['load', 'delete'] },
  'verified-api-keys': { as: 'api-keys', allow: ['get', 'load', 'delete'] },
  'invalid-api-keys': { as: 'api-keys', allow: ['get', 'set'] },
  sessions: { as: 'sessions', allow: ['load', 'delete'] },
  'strategies-by-webhook': { as: 'strategies', allow: ['load', 'invalidate'] },
  'user-strategies': { as: 'strategies', allow: ['load', 'delete'] },
  'workflows-by-webhook': { as: 'workflows', allow: ['load', 'invalidate'] },
  workflows: { as: 'workflows', allow: ['load', 'delete'] },
  'telegram-codes': { as: 'telegram', allow: ['get', 'set', 'delete'] },
  books: { as: 'orders', allow: ['load', 'invalidate'] },
} as const satisfies Readonly<Record<string, Owner>>

type SecretCache = keyof typeof owners

/** Ends what belongs to somebody who signs out, in all caches. */
export const signOutCaller = 'sign-out'

/** An administrator in the cache console: looks, without values, and ends; never writes. */
export function consoleCaller(userName: string): string {
  return `console/${userName}`
}

const consoleOperations: readonly CacheOperation[] = [
  'get',
  'inspect',
  'delete',
  'invalidate',
  'clear',
  'rotate',
]

/** What the caches hold everybody to. What is allowed nowhere here is denied, counted and audited. */
export const accessRules: readonly AccessRule[] = Object.entries<Owner>(owners).flatMap(
  ([cache, { as: caller, allow }]) => [
    { cache, caller, allow },
    { cache, caller: signOutCaller, allow: ['invalidate'] },
    { cache, caller: consoleCaller('*'), allow: consoleOperations },
  ],
)

/** The caller that the cache of sessions is used as. */
export const sessionCaller: string = owners.sessions.as

/** Defines a cache of secrets and gives its owner's handle: all that the app gets of it. */
export function defineSecret<V, K extends CacheKey = CacheKey>(
  all: Caches,
  name: SecretCache,
  options: Omit<CacheOptions<V>, 'sensitive'>,
): Cache<V, K> {
  all.define<V, K>(name, { ...options, sensitive: true })
  return all.open<V, K>(name, owners[name])
}
