import type { CacheStats } from '@cache/core'

import type { AuditEntry } from '../../../src/diagnostics/audit-trail.ts'
import type { BreakerState, NewsItem } from '../../../src/diagnostics/cache-news.ts'
import type { FoundEntry, SearchedEntries } from '../../../src/diagnostics/entry-search.ts'
import type { RotationStatus } from '../../../src/diagnostics/key-rotation.ts'
import type { Connection } from '../../../src/broker/broker-connections.ts'
import type { Funds, Holding, Quote, Trade } from '../../../src/broker/broker-adapter.ts'
import type { MasterStatus } from '../../../src/instruments/master-status.ts'
import type { Order, Position } from '../../../src/orders/order.ts'
import type { UserSettings } from '../../../src/settings/user-settings.ts'

export type { AuditEntry, FoundEntry, NewsItem, RotationStatus, SearchedEntries }
export type { Connection, Funds, Holding, MasterStatus, Order, Position, Quote, Trade, UserSettings }

export type SessionAnswer =
  | { readonly signedIn: false; readonly setUp: boolean }
  | {
      readonly signedIn: true
      readonly user: { readonly name: string; readonly isAdmin: boolean }
      readonly csrfToken: string
      readonly settings: UserSettings
    }

export interface BrokerAnswer {
  readonly name: string
  readonly connection: Connection | null
}

export interface ListedInstrument {
  readonly symbol: string
  readonly exchange: string
  readonly name: string
  readonly instrumentType: string
  readonly expiry?: string
  readonly strike?: number
  readonly lotSize: number
  readonly tickSize: number
  readonly expired: boolean
}

export interface SearchAnswer {
  readonly total: number
  readonly results: readonly ListedInstrument[]
}

export interface PositionsAnswer {
  readonly positions: readonly Position[]
  readonly funds: Funds
}

export interface ApiKeyRow {
  readonly id: number
  readonly label: string
  readonly hint: string
  readonly createdAtMs: number
}

export interface CacheRow extends CacheStats {
  readonly domain: string
  /** `null` while the store does not say. */
  readonly entries: number | null
  /** `null` where there is no limit. */
  readonly maxEntries: number | null
  readonly unused: boolean
  readonly sensitive: boolean
}

export interface CachesAnswer {
  readonly backend: string
  /** What carries invalidations; `null` where there is nobody else. */
  readonly transport: string | null
  readonly uptimeMs: number
  readonly instance: string
  readonly caches: readonly CacheRow[]
  /** The tier in the memory of this process. */
  readonly local: { readonly usedBytes: number; readonly maxBytes: number | null }
  readonly health: {
    readonly healthy: boolean
    readonly operations: Readonly<Record<'set' | 'get' | 'delete', boolean>>
    readonly warnings: readonly string[]
  }
  readonly breakers: readonly BreakerState[]
  readonly symbols: {
    readonly instruments: number
    readonly bytes: number
    readonly hitRate: number
    readonly lookups: number
    readonly searches: number
  }
}
