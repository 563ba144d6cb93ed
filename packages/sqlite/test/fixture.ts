import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { newEntry } from '@cache/conformance'
import { systemClock } from '@cache/core'
import type { CacheBackend, Clock, EntryStore, Lease, NewEntry, StoreOptions, StoredEntry } from '@cache/core'
import { onTestFinished } from 'vitest'
import {
  sqlite,
  type SqliteDatabase,
  type SqliteDriver,
  type SqliteDriverOptions,
  type SqliteOptions,
} from '../src/index.ts'

/** better-sqlite3 itself, to look into files and to disturb them. */
export interface RawDatabase extends SqliteDatabase {
  transaction<T>(action: () => T): () => T
}
export type RawDriver = new (
  path: string,
  options?: { readonly timeout?: number; readonly verbose?: (sql: string) => void },
) => RawDatabase

export const rawDriver: RawDriver = createRequire(import.meta.url)('better-sqlite3') as RawDriver

/** A directory of the test's own, removed after it. */
export async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-sqlite-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export interface Opened {
  readonly backend: CacheBackend
  readonly store: EntryStore
  /** What was reported to the operator. */
  readonly reports: string[]
  readonly evictions: { count: number; reason: string }[]
}

export type OpenOptions = SqliteOptions & {
  readonly clock?: Clock
  readonly limits?: Partial<StoreOptions>
}

/** A started backend with one store, closed after the test. */
export async function open(options: OpenOptions): Promise<Opened> {
  const { clock = systemClock, limits, ...rest } = options
  const backend = sqlite(rest)
  onTestFinished(() => backend.close())
  const reports: string[] = []
  const evictions: Opened['evictions'] = []
  await backend.start({ prefix: 'test', clock, report: (message) => void reports.push(message) })
  const store = backend.store({
    cache: 'cases',
    version: 1,
    maxEntries: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    onEvict: (event) => void evictions.push(event),
    ...limits,
  })
  return { backend, store, reports, evictions }
}

export function pathIn(directory: string): string {
  return join(directory, 'cache_cases.db')
}

/** A connection beside the backend's that waits for no lock, closed after the test. */
export function rawOpen(path: string): RawDatabase {
  const database = new rawDriver(path, { timeout: 0 })
  onTestFinished(() => void database.close())
  return database
}

/** A driver that notes every statement it runs. */
export function recordingDriver(): { readonly driver: SqliteDriver; readonly statements: string[] } {
  const statements: string[] = []
  class Recording extends rawDriver {
    constructor(path: string, options: SqliteDriverOptions) {
      const verbose = (sql: string): void => void statements.push(sql.trim())
      super(path, path.endsWith('.db') ? { ...options, verbose } : options)
    }
  }
  return { driver: Recording, statements }
}

export async function set(store: EntryStore, key: string, fields: Partial<NewEntry> = {}): Promise<NewEntry> {
  const entry = newEntry(fields)
  await store.change([{ kind: 'set', key, entry }])
  return entry
}

export async function get(store: EntryStore, key: string): Promise<StoredEntry | undefined> {
  return (await store.read([key])).entries[0]
}

export async function payloadOf(store: EntryStore, key: string): Promise<unknown> {
  return (await get(store, key))?.payload
}

export async function lease(store: EntryStore, key: string, leaseMs = 60_000): Promise<Lease> {
  const reply = await store.acquire(key, { token: Math.random().toString(36).slice(2), leaseMs })
  if (reply.kind === 'lease' || (reply.kind === 'stale' && reply.lease)) return reply.lease as Lease
  throw new Error(`expected a lease, got ${reply.kind}`)
}

export async function epochOf(store: EntryStore): Promise<string> {
  return (await store.changesSince(undefined)).stamp.epoch
}

/** A real process that runs a file of `children`; each line it prints is awaited with {@link Child.line}. */
export class Child {
  readonly process: ChildProcess
  readonly #lines: AsyncIterator<string>
  #errors = ''

  constructor(name: string, ...parameters: string[]) {
    const path = new URL(`children/${name}.ts`, import.meta.url).pathname
    this.process = spawn(process.execPath, [path, ...parameters], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.process.stderr?.on('data', (data) => (this.#errors += String(data)))
    const output = this.process.stdout
    if (!output) throw new Error('no output')
    this.#lines = createInterface({ input: output })[Symbol.asyncIterator]()
    onTestFinished(() => void this.process.kill('SIGKILL'))
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`the child ended: ${this.#errors}`)
    return value
  }

  say(text: string): void {
    this.process.stdin?.write(`${text}\n`)
  }

  async kill(): Promise<void> {
    const ended = once(this.process, 'exit')
    this.process.kill('SIGKILL')
    await ended
  }

  async ended(): Promise<number | null> {
    if (this.process.exitCode === null) await once(this.process, 'exit')
    if (this.process.exitCode !== 0) throw new Error(`the child failed: ${this.#errors}`)
    return this.process.exitCode
  }
}
