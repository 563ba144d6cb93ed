import type { Generated } from 'kysely'

/** The app's own tables. Times are milliseconds since 1970, as `…_at_ms`. */
export interface Schema {
  users: UsersTable
  sessions: SessionsTable
  api_keys: ApiKeysTable
  broker_connections: BrokerConnectionsTable
  user_settings: UserSettingsTable
  master_imports: MasterImportsTable
  app_settings: AppSettingsTable
  market_holidays: MarketHolidaysTable
  market_holiday_exchanges: MarketHolidayExchangesTable
  market_timings: MarketTimingsTable
  qty_freeze: QtyFreezeTable
  strategies: StrategiesTable
  strategy_symbols: StrategySymbolsTable
  workflows: WorkflowsTable
  webhook_calls: WebhookCallsTable
  strategy_runs: StrategyRunsTable
  telegram_users: TelegramUsersTable
  bans: BansTable
  watchlist: WatchlistTable
  candles: CandlesTable
}

export interface CandlesTable {
  id: Generated<number>
  exchange: string
  symbol: string
  interval: '1m' | 'D'
  start_ms: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  oi: number
}

export interface AppSettingsTable {
  name: string
  /** JSON. */
  value: string
}

export interface MarketHolidaysTable {
  id: Generated<number>
  /** `YYYY-MM-DD` in Asia/Kolkata. */
  date: string
  description: string
  holiday_type: 'TRADING_HOLIDAY' | 'SETTLEMENT_HOLIDAY' | 'SPECIAL_SESSION'
}

export interface MarketHolidayExchangesTable {
  holiday_id: number
  exchange: string
  is_open: number
  /** `HH:MM` in Asia/Kolkata, where the exchange is open for a part of the day. */
  start_time: string | null
  end_time: string | null
}

export interface MarketTimingsTable {
  exchange: string
  start_time: string
  end_time: string
}

export interface QtyFreezeTable {
  exchange: string
  symbol: string
  freeze_qty: number
}

export interface StrategiesTable {
  id: Generated<number>
  user_id: number
  name: string
  /** Keyed hash of the id in the webhook's address. */
  webhook_hash: string
  /** The id itself, encrypted, to be shown to its owner. */
  sealed_webhook: string
  is_active: number
  /** JSON of what it does besides answering webhooks. */
  rules: string
  created_at_ms: number
}

export interface StrategySymbolsTable {
  id: Generated<number>
  strategy_id: number
  symbol: string
  exchange: string
  product: 'MIS' | 'CNC' | 'NRML'
  quantity: number
}

export interface WorkflowsTable {
  id: Generated<number>
  user_id: number
  name: string
  webhook_hash: string
  sealed_webhook: string
  is_active: number
  /** JSON: what is done, step by step. */
  steps: string
  created_at_ms: number
}

export interface WebhookCallsTable {
  /** Webhook and message id, hashed. */
  call_hash: string
  received_at_ms: number
}

export interface StrategyRunsTable {
  strategy_id: number
  /** JSON: what it holds and what it waits for. */
  state: string
  /** Only a holder with this fence or a later one may write. */
  fence: number
  updated_at_ms: number
}

export interface TelegramUsersTable {
  chat_id: number
  user_id: number
  username: string
  /** JSON. */
  preferences: string
  linked_at_ms: number
}

export interface BansTable {
  address: string
  reason: string
  banned_at_ms: number
  expires_at_ms: number
}

export interface WatchlistTable {
  user_id: number
  exchange: string
  symbol: string
  /** The least is shown first. */
  position: number
}

export interface UsersTable {
  id: Generated<number>
  name: string
  password_hash: string
  is_admin: number
  created_at_ms: number
}

export interface SessionsTable {
  /** SHA-256 of the id in the cookie. */
  handle: string
  user_id: number | null
  ends_at_ms: number
  revision: string
  /** JSON of `@cache/session`. */
  content: string
}

export interface ApiKeysTable {
  id: Generated<number>
  user_id: number
  label: string
  key_hash: string
  /** Last characters of the key, to tell keys apart. */
  hint: string
  created_at_ms: number
}

export interface BrokerConnectionsTable {
  user_id: number
  broker: string
  account: string
  /** Ciphertext. */
  sealed_token: string
  /** Ciphertext; null in rows of the first version. */
  sealed_feed_token: string | null
  connected_at_ms: number
  expires_at_ms: number
}

export interface UserSettingsTable {
  user_id: number
  /** JSON. */
  settings: string
}

export interface MasterImportsTable {
  id: Generated<number>
  source: string
  format: string
  rows_kept: number
  rows_rejected: number
  imported_at_ms: number
  /** JSON of what the import reported. */
  report: string
}
