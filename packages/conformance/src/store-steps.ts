import assert from 'node:assert/strict'
import { isCacheError } from '@cache/core'
import type {
  Change,
  ChangeOutcome,
  EntryStore,
  ErrorCode,
  FillRefusal,
  Invalidation,
  Lease,
  NewEntry,
  ScanRequest,
  Stamp,
  StoredEntry,
} from '@cache/core'
import { newEntry } from './new-entry.ts'

/** Reads one key. */
export async function readOne(store: EntryStore, key: string): Promise<StoredEntry | undefined> {
  const reply = await store.read([key])
  assert.equal(reply.entries.length, 1, 'read answers one entry for one key')
  return reply.entries[0]
}

/** The entry of a key that must be there. */
export async function present(store: EntryStore, key: string): Promise<StoredEntry> {
  const entry = await readOne(store, key)
  assert.ok(entry, 'the entry should be there')
  return entry
}

export async function assertAbsent(store: EntryStore, key: string): Promise<void> {
  assert.equal(await readOne(store, key), undefined, 'the entry should not be there')
}

/** Applies one change. */
export async function changeOne(store: EntryStore, change: Change): Promise<ChangeOutcome> {
  const { outcomes } = await store.change([change])
  assert.equal(outcomes.length, 1, 'change answers one outcome for one change')
  return outcomes[0] ?? 'applied'
}

/** Sets a key and returns what was written; the set must apply. */
export async function put(store: EntryStore, key: string, fields: Partial<NewEntry> = {}): Promise<NewEntry> {
  const entry = newEntry(fields)
  assert.equal(await changeOne(store, { kind: 'set', key, entry }), 'applied')
  return entry
}

export async function putMany(
  store: EntryStore,
  keys: readonly string[],
  fields: Partial<NewEntry> = {},
): Promise<void> {
  for (let from = 0; from < keys.length; from += 500) {
    const batch = keys.slice(from, from + 500)
    await store.change(batch.map((key) => ({ kind: 'set', key, entry: newEntry(fields) })))
  }
}

export async function invalidateTags(store: EntryStore, tags: readonly string[]): Promise<void> {
  assert.equal(await changeOne(store, { kind: 'tags', tags }), 'applied')
}

export async function clear(store: EntryStore): Promise<void> {
  assert.equal(await changeOne(store, { kind: 'clear' }), 'applied')
}

/** A fill that must be refused, for one of the given reasons where any is given. */
export async function assertRefused(
  store: EntryStore,
  key: string,
  lease: Lease,
  { reasons, entry }: { readonly reasons?: readonly FillRefusal[]; readonly entry?: Partial<NewEntry> } = {},
): Promise<void> {
  const reply = await store.fill(key, lease, newEntry({ payload: '"refused"', ...entry }))
  assert.equal(reply.accepted, false, 'the fill should be refused')
  if (reasons && !reply.accepted) assert.ok(reasons.includes(reply.reason), `refused for '${reply.reason}'`)
  const found = await readOne(store, key)
  assert.notEqual(found?.payload, '"refused"', 'a refused value should not be readable')
}

export async function assertFilled(
  store: EntryStore,
  key: string,
  lease: Lease,
  fields: Partial<NewEntry> = {},
): Promise<NewEntry> {
  const entry = newEntry(fields)
  const reply = await store.fill(key, lease, entry)
  assert.equal(reply.accepted, true, 'the fill should be accepted')
  return entry
}

/** Every page of a scan, in one list. */
export async function scanAll(store: EntryStore, request: Partial<ScanRequest> = {}): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 10_000; pages++) {
    const page = await store.scan({ limit: 100, ...request, cursor })
    keys.push(...page.keys)
    if (page.cursor === undefined) return keys
    cursor = page.cursor
  }
  return assert.fail('the scan does not end')
}

/** The keys of a scan, without order or repetition. */
export async function scanSet(store: EntryStore, request: Partial<ScanRequest> = {}): Promise<string[]> {
  return [...new Set(await scanAll(store, request))].sort()
}

/** Where the store stands now. */
export async function stampOf(store: EntryStore): Promise<Stamp> {
  const reply = await store.changesSince(undefined)
  return reply.stamp
}

/** What the store tells of the time after a stamp; fails if the log does not reach back. */
export async function toldSince(store: EntryStore, stamp: Stamp): Promise<readonly Invalidation[]> {
  const reply = await store.changesSince(stamp)
  if (reply.kind === 'reset') return assert.fail('expected the log, got a reset')
  return reply.invalidations
}

/** Fails unless the call rejects with a `CacheError` of this code. */
export async function assertRejects(call: () => Promise<unknown>, code: ErrorCode): Promise<void> {
  try {
    await call()
  } catch (error) {
    assert.ok(isCacheError(error, code), `expected a CacheError ${code}, got ${String(error)}`)
    return
  }
  assert.fail(`expected a CacheError ${code}, but the call succeeded`)
}

/** `count` keys of equal length that begin alike. */
export function keysNamed(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(6, '0')}`)
}
