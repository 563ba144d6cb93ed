import type {
  AcquireReply,
  Change,
  ChangeReply,
  ChangesReply,
  EntryStore,
  FillReply,
  Lease,
  LeaseEnd,
  LeaseRequest,
  NewEntry,
  ReadReply,
  ScanPage,
  ScanRequest,
  Stamp,
  Step,
  StoredEntry,
} from '@cache/ports'
import type { VersionAccesses } from './access-buffer.ts'
import type { CacheFile } from './cache-file.ts'
import { changesAfter } from './change-log.ts'
import type { Connection } from './connection.ts'
import { storedEntry, type EntryRow } from './entry-row.ts'
import { changeStep } from './entry-steps.ts'
import { leasedPage, scanPage } from './key-scan.ts'
import {
  acquireStep,
  fillStep,
  releaseStep,
  renewStep,
  replyWithoutLease,
  type LeaseRow,
} from './lease-steps.ts'
import { stateStep } from './state-step.ts'
import { Sweep } from './sweep.ts'
import { tagsHold } from './tag-state.ts'

/** The entries of one schema version of a cache. Versions share a file, and are invalidated together. */
export class SqliteStore implements EntryStore {
  readonly payloads = 'encoded'
  readonly #file: CacheFile
  readonly #version: number
  readonly #accesses: VersionAccesses
  readonly #sweep: Sweep

  constructor(file: CacheFile, version: number) {
    this.#file = file
    this.#version = version
    this.#accesses = file.accesses.of(version)
    this.#sweep = new Sweep(file)
  }

  read(keys: readonly string[]): Promise<ReadReply> {
    return this.#read((connection) => this.#readNow(connection, keys), keys)
  }

  async acquire(key: string, request: LeaseRequest): Promise<AcquireReply> {
    const reply = await this.#read((connection) => this.#peek(connection, key, request), [key])
    if (reply) return reply
    return this.#file.write((tx) => acquireStep(tx, this.#at(key), request), [key])
  }

  renew(key: string, lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#file.write((tx) => renewStep(tx, this.#at(key), lease, leaseMs), [key])
  }

  fill(key: string, lease: Lease, entry: NewEntry): Promise<FillReply> {
    return this.#file.write((tx) => fillStep(tx, this.#at(key), lease, entry), [key])
  }

  release(key: string, lease: Lease, end: LeaseEnd): Promise<boolean> {
    return this.#file.write((tx) => releaseStep(tx, this.#at(key), lease, end), [key])
  }

  /** All changes or none. */
  change(changes: readonly Change[]): Promise<ChangeReply> {
    return this.#file.write((tx) => changeStep(tx, this.#version, changes), keysOf(changes))
  }

  /** In the order of the keys' UTF-8 bytes. A page may hold fewer keys than asked for, or none, and not be the last. */
  scan(request: ScanRequest): Promise<ScanPage> {
    const page = request.of === 'leases' ? leasedPage : scanPage
    return this.#read((connection) => page(connection, this.#version, request))
  }

  /**
   * Entries that are gone or void count until they are purged. `O(1)`, but where other schema versions have
   * entries in the file.
   */
  count(): Promise<number> {
    return this.#read(({ statements, entries }) => {
      const state = statements.loadState.get() as { readonly versions: string; readonly entryCount: number }
      if (state.versions === `,${this.#version},` || state.versions === ',') return state.entryCount
      return entries.countVersion.get(this.#version) as number
    })
  }

  changesSince(stamp: Stamp | undefined): Promise<ChangesReply> {
    return this.#read((connection) => this.#changesSince(connection, stamp))
  }

  step<S, I, O>(key: string, step: Step<S, I, O>, input: I): Promise<O> {
    return this.#file.write((tx) => stateStep(tx, this.#at(key), step, input), [key])
  }

  purge(limit: number): Promise<number> {
    return this.#sweep.run(limit)
  }

  /** Asks for the number of the latest commit, which costs a fraction of a read. */
  unchangedSince(stamp: Stamp): boolean {
    return this.#file.isAt(stamp)
  }

  /** Told of every commit, whatever it concerns: the lease is one of few things that are waited for. */
  leaseEnded(_key: string, withinMs: number): Promise<void> {
    return this.#file.nextCommit(withinMs)
  }

  #at(key: string): { readonly key: string; readonly version: number } {
    return { key, version: this.#version }
  }

  /** At once where that is possible, so that a read costs no turn of the event loop. */
  #read<T>(operation: (connection: Connection) => T, keys?: readonly string[]): Promise<T> {
    const connection = this.#file.ready(keys)
    if (connection === undefined) return this.#file.read(operation, keys)
    try {
      return Promise.resolve(operation(connection))
    } catch {
      connection.rollback()
      return this.#file.read(operation, keys)
    }
  }

  /** Several keys are read in one transaction: one moment for all of them, and one lock instead of many. */
  #readNow(connection: Connection, keys: readonly string[]): ReadReply {
    const { nowMs } = connection.time
    const [key] = keys
    if (keys.length === 1 && key !== undefined) return { entries: [this.#find(connection, key, nowMs)] }
    const { statements } = connection
    statements.beginRead.run()
    const entries = keys.map((each) => this.#find(connection, each, nowMs))
    statements.commit.run()
    return { entries }
  }

  #find(connection: Connection, key: string, nowMs: number): StoredEntry | undefined {
    const row = this.#valid(connection, key, nowMs)
    if (row === undefined) return undefined
    this.#accesses.note(key, nowMs)
    return storedEntry(row, connection.timeFor(row.createdAt, nowMs))
  }

  /** One prepared SELECT, and one for each tag the entry carries. */
  #valid({ statements, entries }: Connection, key: string, nowMs: number): EntryRow | undefined {
    const row = entries.entry.get(key, this.#version) as EntryRow | undefined
    if (row === undefined || row.goneAt <= nowMs) return undefined
    return row.tags === null || tagsHold(statements.generation, row.tags) ? row : undefined
  }

  /** Every answer that grants no lease, without a write transaction; `undefined` where one may be granted. */
  #peek(connection: Connection, key: string, request: LeaseRequest): AcquireReply | undefined {
    const { nowMs } = connection.time
    const row = this.#valid(connection, key, nowMs)
    if (row !== undefined) this.#accesses.note(key, nowMs)
    if (row !== undefined && row.freshUntil > nowMs && !request.refresh)
      return { kind: 'hit', entry: storedEntry(row, connection.timeFor(row.createdAt, nowMs)) }
    const held = connection.statements.lease.get(key, this.#version) as LeaseRow | undefined
    return held && replyWithoutLease(row, held, request, connection.timeFor(held.since, nowMs))
  }

  #changesSince(connection: Connection, stamp: Stamp | undefined): ChangesReply {
    const current = connection.currentStamp()
    if (stamp?.epoch !== current.epoch || stamp.sequence > current.sequence)
      return { kind: 'reset', stamp: current }
    if (stamp.sequence === current.sequence) return { kind: 'log', stamp: current, invalidations: [] }
    return changesAfter(connection.statements, stamp.sequence, current)
  }
}

/** The keys that the changes concern; `undefined` where they concern all of them. */
function keysOf(changes: readonly Change[]): string[] | undefined {
  const keys: string[] = []
  for (const change of changes) {
    if (!('key' in change)) return undefined
    keys.push(change.key)
  }
  return keys
}
