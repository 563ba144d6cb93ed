import {
  CacheError,
  systemClock,
  type Cache,
  type CacheKey,
  type CacheOptions,
  type Caches,
  type Clock,
} from '@cache/core'
import { ApiResponses, type ApiResponse } from './api-responses.ts'
import { catalogue, tradingCacheNames, type TradingCacheName } from './catalogue.ts'
import { Clearing, type Member } from './clearing.ts'
import { clearOnEverything, type ClearOn } from './clear-on.ts'
import { OwnedCache, type NoOwners, type OwnedCacheRules } from './owned-cache.ts'
import type { Owners } from './owners.ts'
import { TradingTtls, type TtlOptions } from './trading-ttls.ts'
import type { TradingValues } from './values.ts'

/** How the trading caches differ from the catalogue. */
export interface TradingOptions {
  readonly ttls?: TtlOptions | undefined
  /** Options of single caches: `{ 'market:quote': { schema, maxEntries } }`. Times belong in `ttls`. */
  readonly caches?: Readonly<Partial<Record<TradingCacheName, Omit<CacheOptions<never>, 'ttl'>>>> | undefined
  /** What is cleared by itself; all by default. `clearOnFrom` reads it from the environment. */
  readonly clearOn?: Partial<ClearOn> | undefined
  /** Caches of yours that take part in the cascades, such as rate limits tagged with `ownerTags`. */
  readonly also?: readonly Member[] | undefined
  /**
   * `false` leaves sessions, tokens and credentials readable in the backend and in memory. By default they need a
   * `protection` of `createCaches`.
   */
  readonly encryptSecrets?: boolean | undefined
  readonly clock?: Clock | undefined
}

type User = Required<Pick<Owners, 'userId'>>
type OfConnection = User & Required<Pick<Owners, 'connectionId'>> & Pick<Owners, 'brokerId'>
type OfAccount = OfConnection & Required<Pick<Owners, 'accountId'>>
type OfBroker = User & Required<Pick<Owners, 'brokerId'>>

/** A token's place: OAuth tokens of one user at one broker. */
export interface TokenId {
  readonly userId: string
  readonly brokerId: string
  /** `access_token`, `refresh_token` or another kind that the broker has. */
  readonly kind: string
}

export interface ConnectionId {
  readonly brokerId: string
  readonly connectionId: string
}

export interface AdapterId {
  readonly userId: string
  readonly connectionId: string
}

/** The caches of a trading platform, by domain. */
export interface TradingCaches<V extends TradingValues = TradingValues> {
  readonly user: {
    readonly profile: OwnedCache<V['profile'], string, NoOwners>
    readonly settings: OwnedCache<V['settings'], string, NoOwners>
  }
  readonly auth: {
    readonly session: OwnedCache<V['session'], string, User>
    readonly token: OwnedCache<V['token'], TokenId, NoOwners>
    readonly oauthState: OwnedCache<V['oauthState'], string, User>
  }
  readonly broker: {
    readonly health: OwnedCache<V['brokerHealth'], ConnectionId, Pick<Owners, 'userId'>>
    readonly connection: OwnedCache<V['connection'], string, OfBroker>
    readonly credentials: OwnedCache<V['credentials'], string, OfBroker>
  }
  readonly vb: {
    /** The accounts that an adapter sees. */
    readonly adapter: OwnedCache<V['virtualAccounts'], AdapterId, Pick<Owners, 'brokerId'>>
    readonly balance: OwnedCache<V['balance'], string, OfConnection>
    readonly position: OwnedCache<V['positions'], string, OfConnection>
  }
  readonly trading: {
    readonly balance: OwnedCache<V['balance'], string, OfConnection>
    readonly order: OwnedCache<V['order'], string, OfAccount>
    readonly position: OwnedCache<V['positions'], string, OfConnection>
  }
  readonly market: {
    readonly quote: OwnedCache<V['quote'], CacheKey, NoOwners>
    readonly bar: OwnedCache<V['bars'], { readonly symbol: string; readonly interval: string }, NoOwners>
  }
  readonly api: { readonly response: ApiResponses }
  readonly system: { readonly metrics: OwnedCache<V['metrics'], string, NoOwners> }
  readonly ttls: TradingTtls
  readonly clear: Clearing
}

/**
 * Defines every cache of the catalogue in `caches`.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`, `CACHE_CONFLICT`; the message names the option or the cache
 */
export function tradingCaches<V extends TradingValues = TradingValues>(
  caches: Caches,
  options: TradingOptions = {},
): TradingCaches<V> {
  refuseStrangers(options)
  const ttls = new TradingTtls(options.ttls)
  const defined = new Map(tradingCacheNames.map((name) => [name, defineCache(caches, name, options, ttls)]))
  const cache = <T>(name: TradingCacheName): Cache<T> => defined.get(name) as unknown as Cache<T>
  const groups = groupsOf<V>(cache, ttls, options.clock ?? systemClock)
  const members: Member[] = Array.from(defined, ([name, each]) => {
    return { domain: catalogue[name].domain, cache: each }
  })
  const clearOn = { ...clearOnEverything, ...options.clearOn }
  const clear = new Clearing([...members, ...(options.also ?? [])], clearOn, (id) =>
    groups.vb.adapter.delete(id),
  )
  return { ...groups, ttls, clear }
}

function defineCache(
  caches: Caches,
  name: TradingCacheName,
  { caches: overrides = {}, encryptSecrets = true }: TradingOptions,
  ttls: TradingTtls,
): Cache<never> {
  const { maxEntries, sensitive } = catalogue[name]
  return caches.define<never>(name, {
    maxEntries,
    sensitive: sensitive && encryptSecrets,
    ...overrides[name],
    ttl: ttls.ofMs(name),
  })
}

type CacheOf = <T>(name: TradingCacheName) => Cache<T>

function groupsOf<V extends TradingValues>(
  cache: CacheOf,
  ttls: TradingTtls,
  clock: Clock,
): Omit<TradingCaches<V>, 'ttls' | 'clear'> {
  return {
    user: { profile: byUser(cache('user:profile')), settings: byUser(cache('user:settings')) },
    auth: {
      session: byId(cache('auth:session')),
      token: new OwnedCache(cache('auth:token'), {
        key: ({ userId, brokerId, kind }) => [userId, brokerId, kind],
        owners: ({ userId, brokerId }) => ({ userId, brokerId }),
        ttl: ({ brokerId, kind }) => ttls.oauth(brokerId, kind),
      }),
      oauthState: byId(cache('auth:oauth_state')),
    },
    broker: {
      health: new OwnedCache(cache('broker:health'), connectionRules),
      connection: byConnection(cache('broker:connection')),
      credentials: byConnection(cache('broker:credentials')),
    },
    vb: {
      adapter: new OwnedCache(cache('vb:adapter'), adapterRules),
      balance: byAccount(cache('vb:balance')),
      position: byAccount(cache('vb:position')),
    },
    trading: {
      balance: byAccount(cache('trading:balance')),
      order: byId(cache('trading:order')),
      position: byAccount(cache('trading:position')),
    },
    market: {
      quote: new OwnedCache(cache('market:quote'), { key: (id) => id, owners: () => ({}) }),
      bar: new OwnedCache(cache('market:bar'), {
        key: ({ symbol, interval }) => [symbol, interval],
        owners: () => ({}),
      }),
    },
    api: { response: new ApiResponses(cache<ApiResponse>('api:response'), clock) },
    system: { metrics: byId(cache('system:metrics')) },
  }
}

const connectionRules: OwnedCacheRules<ConnectionId> = {
  key: ({ brokerId, connectionId }) => [brokerId, connectionId],
  owners: ({ brokerId, connectionId }) => ({ brokerId, connectionId }),
}

/** As in the cache guide: `vb:adapter:u:USER:c:CONNECTION`. */
const adapterRules: OwnedCacheRules<AdapterId> = {
  key: ({ userId, connectionId }) => ['u', userId, 'c', connectionId],
  owners: ({ userId, connectionId }) => ({ userId, connectionId }),
}

function byId<T, O>(cache: Cache<T>): OwnedCache<T, string, O> {
  return new OwnedCache(cache, { key: (id) => id, owners: () => ({}) })
}

function byUser<T>(cache: Cache<T>): OwnedCache<T, string, NoOwners> {
  return new OwnedCache(cache, { key: (id) => id, owners: (userId) => ({ userId }) })
}

function byConnection<T>(cache: Cache<T>): OwnedCache<T, string, OfBroker> {
  return new OwnedCache(cache, { key: (id) => id, owners: (connectionId) => ({ connectionId }) })
}

function byAccount<T>(cache: Cache<T>): OwnedCache<T, string, OfConnection> {
  return new OwnedCache(cache, { key: (id) => id, owners: (accountId) => ({ accountId }) })
}

const optionNames: ReadonlySet<string> = new Set<keyof TradingOptions>([
  'ttls',
  'caches',
  'clearOn',
  'also',
  'encryptSecrets',
  'clock',
])

function refuseStrangers({ clearOn = {}, caches = {}, ...rest }: TradingOptions): void {
  const strangers = [
    ...Object.keys(rest).filter((name) => !optionNames.has(name)),
    ...Object.keys(clearOn).flatMap((name) => (name in clearOnEverything ? [] : `clearOn.${name}`)),
    ...Object.keys(caches).flatMap((name) => (name in catalogue ? [] : `caches['${name}']`)),
  ]
  if (strangers.length === 0) return
  throw new CacheError('INVALID_OPTION', `tradingCaches has no option ${strangers.join(', ')}`)
}
