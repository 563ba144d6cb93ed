import type { Generated } from 'kysely'

/** The app's own tables. Times are milliseconds since 1970, as `…_at_ms`. */
export interface Schema {
  users: UsersTable
  sessions: SessionsTable
  api_keys: ApiKeysTable
  broker_connections: BrokerConnectionsTable
  user_settings: UserSettingsTable
  master_imports: MasterImportsTable
}

export interface UsersTable {
  id: Generated<number>
  name: string
  password_hash: string
  is_admin: number
  created_at_ms: number
}

export interface SessionsTable {
  /** Keyed hash of the id in the cookie. */
  id_hash: string
  user_id: number
  client_address: string
  created_at_ms: number
  expires_at_ms: number
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
