/** The parts of the platform that caches belong to, in the order in which they are shown. */
export const domains = {
  people: ['sessions', 'users', 'usernames', 'order-modes', 'user-settings'],
  keys: ['verified-api-keys', 'invalid-api-keys'],
  broker: ['auth', 'feed-tokens', 'brokers', 'books'],
  market: [
    'quotes',
    'depths',
    'candles',
    'market-timings',
    'holidays',
    'freeze-quantities',
    'symbol-searches',
  ],
  strategies: ['strategies-by-webhook', 'user-strategies', 'workflows-by-webhook', 'workflows'],
  telegram: ['telegram-users', 'telegram-usernames', 'telegram-preferences', 'telegram-codes'],
  system: ['settings', 'bans'],
} as const

export type Domain = keyof typeof domains

export const domainNames = Object.keys(domains) as [Domain, ...Domain[]]

const domainByCache: ReadonlyMap<string, Domain> = new Map(
  domainNames.flatMap((domain) => domains[domain].map((cache) => [cache, domain] as const)),
)

/** A cache that belongs nowhere else is the system's. */
export function domainOf(cache: string): Domain {
  return domainByCache.get(cache) ?? 'system'
}
