export {
  tradingCaches,
  type AdapterId,
  type ConnectionId,
  type TokenId,
  type TradingCaches,
  type TradingOptions,
} from './trading-caches.ts'
export {
  catalogue,
  domains,
  tradingCacheNames,
  type CatalogueEntry,
  type Domain,
  type TradingCacheName,
} from './catalogue.ts'
export { ApiResponses, type ApiRequest, type ApiResponse } from './api-responses.ts'
export { canonicalHash } from './canonical-hash.ts'
export {
  Clearing,
  type AccountIds,
  type ClearableCache,
  type ConnectionIds,
  type Member,
} from './clearing.ts'
export { clearOnFrom, type ClearOn } from './clear-on.ts'
export { OwnedCache, type NoOwners, type OwnedArguments, type OwnedOptions } from './owned-cache.ts'
export { ownerTags, type Owners } from './owners.ts'
export { TradingTtls, type TtlOptions } from './trading-ttls.ts'
export { oauthTable, ttlTable } from './ttl-table.ts'
export type { TradingValues } from './values.ts'
