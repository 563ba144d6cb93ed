import type { CacheStats } from '@cache/core'

import type { Connection } from '../../../src/broker/broker-connections.ts'
import type { Funds, Quote } from '../../../src/broker/broker-adapter.ts'
import type { MasterStatus } from '../../../src/instruments/master-status.ts'
import type { Order, Position } from '../../../src/orders/order.ts'
import type { UserSettings } from '../../../src/settings/user-settings.ts'

export type { Connection, Funds, MasterStatus, Order, Position, Quote, UserSettings }

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

export interface QuotesMessage {
  readonly quotes?: readonly Quote[]
  readonly fault?: string
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
  readonly entries: number
  readonly unused: boolean
  readonly sensitive: boolean
  readonly clearable: boolean
}

export interface CachesAnswer {
  readonly backend: string
  readonly uptimeMs: number
  readonly caches: readonly CacheRow[]
  readonly symbols: {
    readonly instruments: number
    readonly bytes: number
    readonly hitRate: number
    readonly lookups: number
    readonly searches: number
  }
}
