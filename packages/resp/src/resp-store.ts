import { CacheError } from '@cache/ports'
import type {
  AcquireReply,
  Change,
  ChangeOutcome,
  ChangeReply,
  ChangesReply,
  EntryStore,
  EvictionReason,
  FillRefusal,
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
  StoreOptions,
} from '@cache/ports'
import { type ChangeRun, changeRuns } from './change-arguments.ts'
import { changesAfter } from './change-log.ts'
import type { CommandPart, CommandReply } from './client/resp-client.ts'
import { entryOf, entryToSend } from './entry-bytes.ts'
import { EntryReads } from './entry-reads.ts'
import { literalPattern } from './key-layout.ts'
import type { Namespace, ScriptReply } from './namespace.ts'
import type { RespScripts } from './resp-scripts.ts'
import { replyList, replyText } from './server-info.ts'
import { ServerSteps } from './server-steps.ts'
import { Uses } from './uses.ts'

/** What became of the changes of one run. */
interface RunReply {
  readonly outcomes: readonly ChangeOutcome[]
  readonly sequences: readonly (number | undefined)[]
  readonly stamp: Stamp
}

const leaseEnds = { free: 'F', unstored: 'U', throttle: 'T' } as const

/** The entries of one schema version of a cache, in one namespace. */
export class RespStore implements EntryStore {
  readonly payloads = 'encoded'
  readonly #namespace: Namespace
  readonly #scripts: RespScripts
  readonly #options: StoreOptions
  readonly #reads: EntryReads
  readonly #uses = new Uses()
  readonly #onHit: (key: string) => void
  readonly #steps: ServerSteps
  readonly #limits: readonly [string, string]
  /** Plain sets have a script of their own, which does not count bytes. */
  readonly #mayPut: boolean

  constructor(namespace: Namespace, scripts: RespScripts, options: StoreOptions) {
    this.#namespace = namespace
    namespace.use(options.version)
    this.#scripts = scripts
    this.#options = options
    this.#limits = [limitPart(options.maxEntries), limitPart(options.maxBytes)]
    this.#mayPut = this.#limits[1] === '-1'
    const isBounded = this.#limits.some((limit) => limit !== '-1')
    this.#onHit = isBounded ? (key) => this.#uses.note(key) : () => undefined
    this.#reads = new EntryReads({
      namespace,
      version: options.version,
      script: scripts.read,
      onHit: this.#onHit,
    })
    this.#steps = new ServerSteps(namespace, options.version, this)
  }

  read(keys: readonly string[]): Promise<ReadReply> {
    return this.#reads.read(keys)
  }

  async acquire(key: string, { token, leaseMs, refresh = false }: LeaseRequest): Promise<AcquireReply> {
    const args = [key, token, String(leaseMs), refresh ? '1' : '0']
    const { word, nowMs, state, rest } = await this.#runInTime(this.#scripts.acquire, args)
    const lease: Lease = { token, ...state.stamp }
    switch (word) {
      case 'hit':
        return { kind: 'hit', entry: this.#entry(key, rest[0], nowMs), stamp: state.stamp }
      case 'stale': {
        const entry = this.#entry(key, rest[0], nowMs)
        return rest[1] === 1 ? { kind: 'stale', entry, lease } : { kind: 'stale', entry }
      }
      case 'wait':
        return { kind: 'wait', remainingMs: Number(rest[0]) }
      case 'unstored':
        return { kind: 'unstored' }
      default:
        return { kind: 'lease', lease }
    }
  }

  async renew(key: string, lease: Lease, leaseMs: number): Promise<boolean> {
    const args = [key, ...leaseParts(lease), String(leaseMs)]
    return (await this.#runInTime(this.#scripts.renew, args)).word === 'yes'
  }

  async fill(key: string, lease: Lease, entry: NewEntry): Promise<FillReply> {
    const args = [...this.#writeParts(), key, ...leaseParts(lease), entryToSend(entry)]
    const reply = await this.#runInTime(this.#scripts.fill, args)
    if (reply.word !== 'filled') return { accepted: false, reason: reply.word as FillRefusal }
    this.#reportEvictions(reply)
    return { accepted: true, stamp: reply.state.stamp }
  }

  async release(key: string, lease: Lease, end: LeaseEnd): Promise<boolean> {
    const forMs = end.kind === 'free' ? 0 : end.forMs
    const tags = end.kind === 'unstored' ? end.tags : []
    const args = [key, ...leaseParts(lease), leaseEnds[end.kind], String(forMs), ...tags]
    return (await this.#runInTime(this.#scripts.release, args)).word === 'yes'
  }

  /** One run of a script for up to 500 changes; more are sent together, and are not one step. */
  async change(changes: readonly Change[]): Promise<ChangeReply> {
    const runs = changeRuns(changes)
    if (runs.length === 0)
      return { outcomes: [], sequences: [], stamp: (await this.changesSince(undefined)).stamp }
    const replies = await Promise.all(runs.map((run) => this.#change(run)))
    const outcomes = replies.flatMap((reply) => reply.outcomes)
    const sequences = replies.flatMap((reply) => reply.sequences)
    return { outcomes, sequences, stamp: replies.at(-1)?.stamp ?? { epoch: '', sequence: 0 } }
  }

  async #change(run: ChangeRun): Promise<RunReply> {
    const before = this.#writeParts()
    const plain = this.#mayPut ? run.put : undefined
    if (plain) {
      const reply = await this.#runInTime(this.#scripts.put, [...before, ...plain])
      if (reply.word === 'put') return this.#putReply(reply, run.count)
    }
    const reply = await this.#runInTime(this.#scripts.change, [...before, ...run.args])
    this.#reportEvictions(reply)
    return {
      outcomes: replyList(reply.rest[3]).map((each) => replyText(each) as ChangeOutcome),
      sequences: replyList(reply.rest[4]).map((each) => Number(each) || undefined),
      stamp: reply.state.stamp,
    }
  }

  #putReply(reply: ScriptReply, count: number): RunReply {
    this.#reportEvictions(reply)
    const before = Number(replyText(reply.rest[3]))
    const sequences = Array.from({ length: count }, (_, index) => before + index + 1)
    return { outcomes: sequences.map(() => 'applied'), sequences, stamp: reply.state.stamp }
  }

  /** A page may hold more or fewer keys than asked for, or none, and not be the last; a key may come twice. */
  async scan({ of = 'entries', prefix = '', tag, limit, cursor = '0' }: ScanRequest): Promise<ScanPage> {
    const args = [cursor, `${literalPattern(prefix)}*`, String(Math.max(1, Math.ceil(limit)))]
    if (tag !== undefined) args.push(tag)
    const script = of === 'leases' ? this.#scripts.leases : this.#scripts.scan
    const { rest } = await this.#run(script, args)
    const [next, found] = rest
    const keys = replyList(found).map((key) => replyText(key))
    const nextCursor = replyText(next)
    return nextCursor === '0' ? { keys } : { keys, cursor: nextCursor }
  }

  /** `O(log n)`. Entries that a tag made void count until they are replaced or past their time. */
  async count(): Promise<number> {
    return Number((await this.#run(this.#scripts.count, [])).rest[0])
  }

  async changesSince(stamp: Stamp | undefined): Promise<ChangesReply> {
    const args = [stamp?.epoch ?? '', String(stamp?.sequence ?? '')]
    const { word, state, rest } = await this.#run(this.#scripts.changes, args)
    if (word !== 'log' || !stamp) return { kind: 'reset', stamp: state.stamp }
    const messages = replyList(rest[0]).map((each) => replyText(each))
    return changesAfter(stamp.sequence, state.stamp, messages)
  }

  /** Also removes what was put aside by a clear or a new epoch, up to the same number of entries. */
  async purge(limit: number): Promise<number> {
    const args = [...this.#writeParts(), String(Math.max(0, Math.floor(limit)))]
    const reply = await this.#runInTime(this.#scripts.purge, args)
    this.#reportEvictions(reply)
    await this.#namespace.sweep.step()
    return Number(reply.rest[3])
  }

  /** One script of the step's own where it has one, else compare-and-set. */
  step<S, I, O>(key: string, step: Step<S, I, O>, input: I): Promise<O> {
    return this.#steps.run(key, step, input)
  }

  #run(script: RespScripts[keyof RespScripts], args: readonly CommandPart[]): Promise<ScriptReply> {
    return this.#namespace.run(script, this.#options.version, args)
  }

  #runInTime(script: RespScripts[keyof RespScripts], args: readonly CommandPart[]): Promise<ScriptReply> {
    return this.#namespace.runInTime(script, this.#options.version, args)
  }

  /** The limits, and the keys that were used since the latest write. */
  #writeParts(): readonly string[] {
    const used = this.#uses.take()
    return [...this.#limits, String(used.length), ...used]
  }

  #entry(key: string, bytes: CommandReply | undefined, nowMs: number): StoredEntry {
    this.#onHit(key)
    const entry = bytes instanceof Buffer ? entryOf(bytes, nowMs) : undefined
    if (entry) return entry
    throw new CacheError(
      'BACKEND_CORRUPT',
      'An entry on the server is damaged; writing its key anew mends it',
    )
  }

  #reportEvictions({ rest }: ScriptReply): void {
    const reasons: readonly EvictionReason[] = ['expired', 'entries', 'bytes']
    for (const [index, reason] of reasons.entries()) {
      const count = Number(rest[index])
      if (count > 0) this.#options.onEvict({ count, reason })
    }
  }
}

function limitPart(limit: number): string {
  return Number.isFinite(limit) ? String(limit) : '-1'
}

function leaseParts({ epoch, sequence, token }: Lease): readonly [string, string, string] {
  return [epoch, String(sequence), token]
}
