import { CacheError, durationMs, type Duration, type Ttl } from '@cache/core'
import { nearestName } from '@cache/environment'
import { catalogue, oauthTtlSeconds, tradingCacheNames, type TradingCacheName } from './catalogue.ts'

/** Times that differ from the catalogue. */
export interface TtlOptions {
  readonly caches?: Readonly<Partial<Record<TradingCacheName, Duration>>> | undefined
  /** By broker and kind of token; `dailyAt` is welcome. The broker `*` is any other one. */
  readonly oauth?: Readonly<Record<string, Readonly<Record<string, Ttl<unknown>>>>> | undefined
}

/** How long each type of entry is fresh: the one place that says so. */
export class TradingTtls {
  readonly #caches: NonNullable<TtlOptions['caches']>
  readonly #oauth: NonNullable<TtlOptions['oauth']>

  /** @throws CacheError `INVALID_OPTION` for a cache that there is none of; `INVALID_TTL` */
  constructor(options: TtlOptions = {}) {
    for (const [name, ttl] of Object.entries(options.caches ?? {})) durationMs(ttl, nameOf(name))
    this.#caches = options.caches ?? {}
    this.#oauth = options.oauth ?? {}
  }

  /**
   * Milliseconds for a type: `market:quote`, or a name of the cache guide such as `account:balance`.
   *
   * @throws CacheError `INVALID_OPTION` for a type that there is none of
   */
  ofMs(type: string): number {
    const name = nameOf(type)
    return durationMs(this.#caches[name] ?? catalogue[name].ttlSeconds * 1000, name)
  }

  /** The same for a module and a type within it. */
  ofModuleMs(module: string, type: string): number {
    return this.ofMs(`${module}:${type}`)
  }

  /** The time of a broker's token: for this broker, else for any, else that of `auth:token`. */
  oauth(brokerId: string, kind: string): Ttl<unknown> {
    return (
      this.#oauth[brokerId]?.[kind] ??
      this.#oauth['*']?.[kind] ??
      seconds(oauthTtlSeconds[brokerId]?.[kind] ?? oauthTtlSeconds['*']?.[kind]) ??
      this.ofMs('auth:token')
    )
  }

  /** The same in milliseconds at a moment. */
  oauthMs(brokerId: string, kind: string, wallMs: number): number {
    const ttl = this.oauth(brokerId, kind)
    return durationMs(typeof ttl === 'function' ? ttl(wallMs, undefined) : ttl, `oauth.${brokerId}.${kind}`)
  }
}

function seconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000
}

function nameOf(type: string): TradingCacheName {
  const found = tradingCacheNames.find((name) => name === type || aliasOf(name) === type)
  if (found !== undefined) return found
  const nearest = nearestName(type, tradingCacheNames)
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`
  throw new CacheError('INVALID_OPTION', `There is no trading cache '${type}'${guess}`)
}

function aliasOf(name: TradingCacheName): string | undefined {
  const entry = catalogue[name]
  return 'alias' in entry ? entry.alias : undefined
}
