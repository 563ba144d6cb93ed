import { join } from 'node:path'
import { KeyvSqlite } from '@keyv/sqlite'

/** What keyv 5 uses of a store; its own type asks for more. */
interface StoreFor5 {
  readonly opts: { readonly url: string; readonly dialect: 'sqlite' }
  get(key: string): Promise<unknown>
  getMany(keys: string[]): Promise<unknown[]>
  set(key: string, value: string, ttl?: number): Promise<boolean>
  setMany(entries: readonly EntryFor5[]): Promise<void>
  delete(key: string): Promise<boolean>
  clear(): Promise<void>
  disconnect(): Promise<void>
}

interface EntryFor5 {
  readonly key: string
  readonly value: string
  readonly ttl?: number
}

/** The store of keyv 6 in WAL mode; with this driver that means `synchronous = NORMAL`. */
export function keyvSqlite(directory: string): KeyvSqlite {
  return new KeyvSqlite({ uri: uriOf(directory), wal: true, driver: 'better-sqlite3' })
}

/**
 * The same for keyv 5, which states times to live where keyv 6 states moments. The store made for keyv 5, version 4
 * of the package, needs a binary that is not on npm.
 */
export function keyvSqliteFor5(directory: string): StoreFor5 {
  const store = keyvSqlite(directory)
  return {
    opts: { url: uriOf(directory), dialect: 'sqlite' },
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    set: (key, value, ttl) => store.set(key, value, momentAfter(ttl)),
    setMany: async (entries) => {
      await store.setMany(entries.map(({ key, value, ttl }) => ({ key, value, ...expiryAfter(ttl) })))
    },
    delete: (key) => store.delete(key),
    clear: () => store.clear(),
    disconnect: () => store.disconnect(),
  }
}

function uriOf(directory: string): string {
  return `sqlite://${join(directory, 'keyv.db')}`
}

function expiryAfter(ttlMs: number | undefined): { readonly expires?: number } {
  const expires = momentAfter(ttlMs)
  return expires === undefined ? {} : { expires }
}

function momentAfter(ttlMs: number | undefined): number | undefined {
  return ttlMs === undefined ? undefined : Date.now() + ttlMs
}
