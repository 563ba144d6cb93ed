import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createCaches,
  onCacheEvent,
  systemClock,
  type CacheProtection,
  type Caches,
  type CachesOptions,
} from '@cache/core'
import type {
  CacheEvents,
  Clock,
  EntryStore,
  NewEntry,
  ProtectionScope,
  ProtectionStart,
  SealedPlace,
  StoredEntry,
} from '@cache/core'
import { sqlite } from '@cache/sqlite'
import { onTestFinished } from 'vitest'
import { encryption, type EncryptionOptions, type KeyedProtection } from '../src/index.ts'

/** A directory that goes when the test ends. */
export async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-crypto-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** The same key each time. */
export function secret(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => (seed * 37 + index * 11) & 255)
}

/** A protection that was started by itself, over a backend that holds nothing. */
export async function started(
  protection: KeyedProtection,
  context: Partial<ProtectionStart> = {},
): Promise<KeyedProtection> {
  onTestFinished(() => protection.close())
  await protection.start({
    clock: systemClock,
    report: () => undefined,
    readInstallation: async () => undefined,
    writeInstallation: async () => undefined,
    ...context,
  })
  return protection
}

export const scope: ProtectionScope = { prefix: 'cache', cache: 'auth', version: 1, mode: 'encrypt' }

/** What seals one cache with a key. */
export async function sealing(seed = 1, of: Partial<ProtectionScope> = {}): Promise<CacheProtection> {
  const protection = await started(encryption({ keys: () => secret(seed) }))
  return protection.forCache({ ...scope, ...of })
}

export const place: SealedPlace = {
  key: 'dXNlcjox',
  format: 2,
  revision: 'origin.1',
  version: 7,
  tags: ['user:1', 'broker:2'],
}

export const times = { wallMs: 1_800_000_000_000, freshForMs: 60_000, keptForMs: 90_000 }

export interface Opened {
  readonly caches: Caches
  readonly protection: KeyedProtection
}

/** Caches over SQLite with encryption, closed when the test ends. */
export async function openEncrypted(
  directory: string,
  options: Partial<CachesOptions> = {},
  keys: EncryptionOptions = { keyFile: join(directory, '.cache_key') },
): Promise<Opened> {
  const protection = encryption(keys)
  const caches = await createCaches({ backend: sqlite({ directory }), protection, ...options })
  onTestFinished(() => caches.close())
  return { caches, protection }
}

/** The store of a cache as somebody has it who can write to the file and has no key. */
export async function openStore(
  directory: string,
  cache: string,
  clock: Clock = systemClock,
): Promise<EntryStore> {
  const backend = sqlite({ directory })
  onTestFinished(() => backend.close())
  await backend.start({ prefix: 'cache', clock, report: () => undefined })
  const maxEntries = Number.POSITIVE_INFINITY
  return backend.store({ cache, version: 1, maxEntries, maxBytes: maxEntries, onEvict: () => undefined })
}

/** The only entry of a store, with its key. */
export async function onlyEntry(
  store: EntryStore,
): Promise<{ readonly key: string; readonly entry: StoredEntry }> {
  const { keys } = await store.scan({ limit: 10 })
  const [key = ''] = keys
  const [entry] = (await store.read(keys)).entries
  if (keys.length !== 1 || !entry) throw new Error(`${keys.length} entries`)
  return { key, entry }
}

/** Writes an entry as it was read, with what is forged of it. */
export async function forge(
  store: EntryStore,
  key: string,
  entry: StoredEntry,
  changes: Partial<NewEntry> = {},
): Promise<void> {
  const { sequence, ...rest } = entry
  if (sequence < 0) throw new Error('no sequence')
  await store.change([{ kind: 'delete', key }])
  await store.change([{ kind: 'set', key, entry: { ...rest, ...changes } }])
}

/** The events of a kind from now on. */
export function eventsOf<Name extends keyof CacheEvents>(name: Name): CacheEvents[Name][] {
  const events: CacheEvents[Name][] = []
  onTestFinished(onCacheEvent(name, (event) => events.push(event)))
  return events
}

/** A copy with one bit turned. */
export function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
