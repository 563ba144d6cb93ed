import { createHash } from 'node:crypto'
import { CacheError } from '@cache/ports'
import type {
  AcquireReply,
  Change,
  ChangeOutcome,
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

const foreignLease: Lease = { token: '', epoch: '', sequence: 0 }

interface Located {
  readonly change: Change
  /** Its place among all changes. */
  readonly index: number
}

/**
 * A cache whose entries are spread over several namespaces, each in a slot of its own. Leases, tags and clears are decided in
 * each of them by its own sequence. The order of changes that others are told is that of one more namespace, the home: a change
 * is made in its partitions first and acknowledged when the home has logged it.
 *
 * So an invalidation that the home has logged is in effect everywhere, and what is read after that reflects it: local
 * tiers follow the home alone. Reads and fills answer no stamp, for no partition knows where the home stands. Sequences of
 * partitions mean nothing outside, so that leases carry theirs inside the epoch.
 */
export class PartitionedStore implements EntryStore {
  readonly payloads = 'encoded'
  readonly #home: EntryStore
  readonly #parts: readonly EntryStore[]

  /** `parts` are two or more. */
  constructor(home: EntryStore, parts: readonly EntryStore[]) {
    this.#home = home
    this.#parts = parts
  }

  async read(keys: readonly string[]): Promise<ReadReply> {
    const places = new Map<number, number[]>()
    for (const [index, key] of keys.entries()) {
      const part = this.#partOf(key)
      const known = places.get(part)
      if (known) known.push(index)
      else places.set(part, [index])
    }
    const entries: (StoredEntry | undefined)[] = Array.from({ length: keys.length })
    await Promise.all(
      [...places].map(async ([part, indexes]) => {
        const reply = await this.#at(part).read(indexes.map((index) => keys[index] ?? ''))
        for (const [position, index] of indexes.entries()) entries[index] = outside(reply.entries[position])
      }),
    )
    return { entries }
  }

  async acquire(key: string, request: LeaseRequest): Promise<AcquireReply> {
    const reply = await this.#storeOf(key).acquire(key, request)
    switch (reply.kind) {
      case 'hit':
        return { kind: 'hit', entry: { ...reply.entry, sequence: 0 } }
      case 'stale': {
        const entry = { ...reply.entry, sequence: 0 }
        const { lease } = reply
        return lease ? { kind: 'stale', entry, lease: this.#wrapped(key, lease) } : { kind: 'stale', entry }
      }
      case 'lease':
        return { kind: 'lease', lease: this.#wrapped(key, reply.lease) }
      default:
        return reply
    }
  }

  async renew(key: string, lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#storeOf(key).renew(key, this.#unwrapped(key, lease), leaseMs)
  }

  async fill(key: string, lease: Lease, entry: NewEntry): Promise<FillReply> {
    const own = this.#unwrapped(key, lease)
    const reply = await this.#storeOf(key).fill(key, own, entry)
    if (reply.accepted) return { accepted: true }
    return own === foreignLease ? { accepted: false, reason: 'lease' } : reply
  }

  async release(key: string, lease: Lease, end: LeaseEnd): Promise<boolean> {
    return this.#storeOf(key).release(key, this.#unwrapped(key, lease), end)
  }

  /** In order within each partition; a change of tags or of everything ends what comes before it in all of them first. */
  async change(changes: readonly Change[]): Promise<ChangeReply> {
    const outcomes: ChangeOutcome[] = Array.from({ length: changes.length }, () => 'applied')
    let run: Located[] = []
    for (const [index, change] of changes.entries()) {
      if ('key' in change) {
        run.push({ change, index })
        continue
      }
      await this.#changeKeys(run, outcomes)
      run = []
      await Promise.all(this.#parts.map((part) => part.change([change])))
    }
    await this.#changeKeys(run, outcomes)
    return this.#log(changes, outcomes)
  }

  /** Partition after partition; those without such keys are passed over. */
  async scan(request: ScanRequest): Promise<ScanPage> {
    const [, from = '0', inner] = /^(\d+)\/(.*)$/s.exec(request.cursor ?? '') ?? []
    let cursor = inner
    for (let part = Number(from); part < this.#parts.length; part++) {
      const page = await this.#at(part).scan({ ...request, cursor })
      if (page.cursor !== undefined) return { keys: page.keys, cursor: `${part}/${page.cursor}` }
      const isLast = part + 1 === this.#parts.length
      if (page.keys.length > 0)
        return isLast ? { keys: page.keys } : { keys: page.keys, cursor: `${part + 1}/0` }
      cursor = undefined
    }
    return { keys: [] }
  }

  async count(): Promise<number> {
    const counts = await Promise.all(this.#parts.map((part) => part.count()))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  changesSince(stamp: Stamp | undefined): Promise<ChangesReply> {
    return this.#home.changesSince(stamp)
  }

  async purge(limit: number): Promise<number> {
    let purged = await this.#home.purge(limit)
    for (const part of this.#parts) if (purged < limit) purged += await part.purge(limit - purged)
    return purged
  }

  step<S, I, O>(key: string, step: Step<S, I, O>, input: I): O | Promise<O> {
    if (!this.#home.step)
      throw new CacheError('BACKEND_FAILED', 'The home of a partitioned cache runs no steps')
    return this.#home.step(key, step, input)
  }

  async #changeKeys(run: readonly Located[], outcomes: ChangeOutcome[]): Promise<void> {
    const byPart = new Map<number, Located[]>()
    for (const located of run) {
      const part = 'key' in located.change ? this.#partOf(located.change.key) : 0
      const known = byPart.get(part)
      if (known) known.push(located)
      else byPart.set(part, [located])
    }
    await Promise.all(
      [...byPart].map(async ([part, all]) => {
        const reply = await this.#at(part).change(all.map(({ change }) => change))
        for (const [position, { index }] of all.entries())
          outcomes[index] = reply.outcomes[position] ?? 'conflict'
      }),
    )
  }

  /** The home holds no entries: each change of a key is the deletion of nothing there, which it logs and publishes. */
  async #log(changes: readonly Change[], outcomes: readonly ChangeOutcome[]): Promise<ChangeReply> {
    const told: Change[] = []
    const places: number[] = []
    for (const [index, change] of changes.entries()) {
      if (!isTold(change, outcomes[index])) continue
      told.push('key' in change ? { kind: 'delete', key: change.key } : change)
      places.push(index)
    }
    const reply = await this.#home.change(told)
    const sequences: (number | undefined)[] = Array.from({ length: changes.length })
    for (const [position, index] of places.entries()) sequences[index] = reply.sequences?.[position]
    return { outcomes, sequences, stamp: reply.stamp }
  }

  /** A lease says of which partition it is, and carries the sequence there. */
  #wrapped(key: string, { token, epoch, sequence }: Lease): Lease {
    return { token, epoch: `${this.#partOf(key)}/${sequence}/${epoch}`, sequence: 0 }
  }

  /** One that nobody holds for what is no lease of the key's partition. */
  #unwrapped(key: string, lease: Lease): Lease {
    const [, part, sequence, epoch] = /^(\d+)\/(\d+)\/(.*)$/s.exec(lease.epoch) ?? []
    if (epoch === undefined || lease.sequence !== 0 || Number(part) !== this.#partOf(key)) return foreignLease
    return { token: lease.token, epoch, sequence: Number(sequence) }
  }

  #partOf(key: string): number {
    return createHash('sha1').update(key).digest().readUInt32BE(0) % this.#parts.length
  }

  #storeOf(key: string): EntryStore {
    return this.#at(this.#partOf(key))
  }

  #at(part: number): EntryStore {
    const store = this.#parts[part]
    if (!store) throw new CacheError('INVALID_OPTION', 'The cursor of a scan is of another cache')
    return store
  }
}

/** What applied, and unconditional deletes of nothing: local tiers may hold what was evicted here. */
function isTold(change: Change, outcome: ChangeOutcome | undefined): boolean {
  if (outcome === 'applied') return true
  return outcome === 'absent' && change.kind === 'delete' && change.when === undefined
}

function outside(entry: StoredEntry | undefined): StoredEntry | undefined {
  return entry && { ...entry, sequence: 0 }
}
