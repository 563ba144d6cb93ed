import { ManualClock, newEntry, referenceBackend, referenceStorage } from '@cache/conformance'
import type { CacheBackend, Change, Condition, EntryStore, Lease, NewEntry, StoredEntry } from '@cache/core'
import fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'

const keys = ['a', 'b', 'c', 'd']
const tags = ['t', 'u', 'v']

/** What is done, to either backend alike. Stores are two processes with two schema versions each. */
type Command =
  | { readonly kind: 'change'; readonly store: number; readonly changes: readonly Drawn[] }
  | { readonly kind: 'acquire'; readonly store: number; readonly key: string; readonly refresh: boolean }
  | { readonly kind: 'fill'; readonly store: number; readonly key: string; readonly entry: DrawnEntry }
  | { readonly kind: 'renew'; readonly store: number; readonly key: string }
  | { readonly kind: 'release'; readonly store: number; readonly key: string; readonly end: number }
  | { readonly kind: 'read' | 'scan' | 'purge' | 'burst'; readonly store: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' }

interface DrawnEntry {
  readonly freshForMs: number
  readonly keptForMs: number
  readonly tags: readonly string[]
  readonly version: number | undefined
}

interface Drawn {
  readonly kind: Change['kind']
  readonly key: string
  readonly entry: DrawnEntry
  readonly when: 'absent' | 'current' | 'other' | undefined
}

const key = fc.constantFrom(...keys)
const store = fc.nat(3)
const entry: fc.Arbitrary<DrawnEntry> = fc
  .record({
    freshForMs: fc.constantFrom(0, 50, 100, Number.POSITIVE_INFINITY),
    staleForMs: fc.constantFrom(0, 50, 100),
    tags: fc.subarray(tags),
    version: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ freshForMs, staleForMs, tags: drawnTags, version }) => {
    return { freshForMs, keptForMs: freshForMs + staleForMs, tags: drawnTags, version }
  })
const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'delete', 'expire', 'tags', 'clear'),
  key,
  entry,
  when: fc.constantFrom(undefined, undefined, 'absent', 'current', 'other'),
})
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('change'),
    store,
    changes: fc.array(drawn, { minLength: 1, maxLength: 20 }),
  }),
  fc.record({ kind: fc.constant('acquire'), store, key, refresh: fc.boolean() }),
  fc.record({ kind: fc.constant('fill'), store, key, entry }),
  fc.record({ kind: fc.constant('renew'), store, key }),
  fc.record({ kind: fc.constant('release'), store, key, end: fc.nat(2) }),
  fc.record({ kind: fc.constantFrom('read', 'scan', 'purge', 'burst'), store }),
  fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 40, 60, 110) }),
  fc.record({ kind: fc.constant('restart') }),
) as fc.Arbitrary<Command>

/** A backend in two processes, and what callers hold of it. */
class Subject {
  readonly clock = new ManualClock()
  readonly reports: string[] = []
  readonly #open: () => CacheBackend
  #backends: CacheBackend[] = []
  #stores: EntryStore[] = []
  readonly #leases = new Map<string, Lease>()
  #count = 0

  constructor(openOne: () => CacheBackend) {
    this.#open = openOne
  }

  async start(): Promise<void> {
    this.#backends = [this.#open(), this.#open()]
    for (const backend of this.#backends)
      await backend.start({
        prefix: 'test',
        clock: this.clock,
        report: (message) => void this.reports.push(message),
      })
    this.#stores = this.#backends.flatMap((backend) =>
      [1, 2].map((version) =>
        backend.store({
          cache: 'cases',
          version,
          maxEntries: Number.POSITIVE_INFINITY,
          maxBytes: Number.POSITIVE_INFINITY,
          onEvict: () => undefined,
        }),
      ),
    )
  }

  async stop(): Promise<void> {
    for (const backend of this.#backends) await backend.close()
  }

  /** What the caller is told, as far as it does not differ from backend to backend by right. */
  async run(command: Command): Promise<unknown> {
    switch (command.kind) {
      case 'wait':
        return this.clock.advanceAsync(command.ms)
      case 'restart':
        await this.stop()
        return this.start()
      case 'change':
        return this.#change(this.#stores[command.store]!, command.changes)
      case 'scan':
        return (await this.#stores[command.store]!.scan({ limit: 100 })).keys.toSorted()
      case 'purge':
        await this.#stores[command.store]!.purge(100)
        return undefined
      case 'burst':
        return Promise.all(Array.from({ length: 12 }, () => this.#read(this.#stores[command.store]!)))
      case 'read':
        return this.#read(this.#stores[command.store]!)
      default:
        return this.#lease(this.#stores[command.store]!, command)
    }
  }

  async #read(from: EntryStore): Promise<unknown> {
    return (await from.read(keys)).entries.map(visible)
  }

  async #change(to: EntryStore, changes: readonly Drawn[]): Promise<unknown> {
    const { entries } = await to.read(keys)
    const made = changes.map((change) => this.#make(change, entries[keys.indexOf(change.key)]))
    return (await to.change(made)).outcomes
  }

  #make({ kind, key: at, entry: fields, when }: Drawn, present: StoredEntry | undefined): Change {
    const revision = when === 'current' ? (present?.revision ?? 'none') : 'other'
    const condition: Condition | undefined =
      when === 'absent' ? { kind: 'absent' } : when && { kind: 'revision', revision }
    switch (kind) {
      case 'set':
        return { kind, key: at, entry: this.#entry(fields), when: condition }
      case 'delete':
        return { kind, key: at, when: condition }
      case 'expire':
        return { kind, key: at, freshForMs: fields.freshForMs, keptForMs: fields.keptForMs, when: condition }
      case 'tags':
        return { kind, tags: fields.tags }
      default:
        return { kind }
    }
  }

  #entry(fields: DrawnEntry): NewEntry {
    const count = String(this.#count++)
    return newEntry({ ...fields, payload: count, revision: count })
  }

  async #lease(from: EntryStore, command: Extract<Command, { readonly key: string }>): Promise<unknown> {
    const held = this.#leases.get(`${command.store} ${command.key}`) ?? {
      token: 'none',
      epoch: 'none',
      sequence: 0,
    }
    switch (command.kind) {
      case 'acquire': {
        const reply = await from.acquire(command.key, {
          token: `token${this.#count++}`,
          leaseMs: 100,
          refresh: command.refresh,
        })
        if ('lease' in reply && reply.lease) this.#leases.set(`${command.store} ${command.key}`, reply.lease)
        return {
          kind: reply.kind,
          granted: 'lease' in reply && reply.lease !== undefined,
          entry: 'entry' in reply ? visible(reply.entry) : undefined,
          remainingMs: reply.kind === 'wait' ? reply.remainingMs : undefined,
        }
      }
      case 'fill': {
        const reply = await from.fill(command.key, held, this.#entry(command.entry))
        return reply.accepted || reply.reason
      }
      case 'renew':
        return from.renew(command.key, held, 100)
      default: {
        const ends = [
          { kind: 'free' },
          { kind: 'unstored', forMs: 50, tags: ['t'] },
          { kind: 'throttle', forMs: 50 },
        ] as const
        return from.release(command.key, held, ends[command.end]!)
      }
    }
  }
}

/** Sequences are each backend's own. */
function visible(found: StoredEntry | undefined): unknown {
  if (!found) return undefined
  const { sequence: _, ...rest } = found
  return { ...rest, tags: [...rest.tags] }
}

describe('the SQLite backend', () => {
  it(
    'does what the reference backend does, in two processes with two versions each',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyCommand, { minLength: 5, maxLength: 60 }), async (commands) => {
          const directory = await mkdtemp(join(tmpdir(), 'cache-sqlite-'))
          const storage = referenceStorage()
          const subject = new Subject(() => sqlite({ directory }))
          const reference = new Subject(() => referenceBackend({ storage }))
          try {
            await subject.start()
            await reference.start()
            for (const each of commands) expect(await subject.run(each)).toEqual(await reference.run(each))
            expect(subject.reports).toEqual([])
          } finally {
            await subject.stop()
            await rm(directory, { recursive: true, force: true })
          }
        }),
        { numRuns: 60 },
      )
    },
  )
})
