import type { CacheBackend } from '@cache/core'
import { redis } from '@cache/redis'
import { sqlite } from '@cache/sqlite'
import { valkey } from '@cache/valkey'

/** Where several processes find the same state; plain data, so that it can be handed to a child. */
export type Address =
  | { readonly kind: 'sqlite'; readonly directory: string }
  | { readonly kind: 'redis' | 'valkey'; readonly url: string }
  | { readonly kind: 'redis' | 'valkey'; readonly cluster: readonly string[] }

const families = { redis, valkey }

/** A backend at an address, with patience for a busy machine. */
export function openAddress(address: Address): CacheBackend {
  if (address.kind === 'sqlite') return sqlite({ directory: address.directory, lockTimeout: '30s' })
  const open = families[address.kind]
  const place = 'url' in address ? { url: address.url } : { cluster: address.cluster }
  return open({ ...place, commandTimeout: '20s', connectTimeout: '20s' })
}
