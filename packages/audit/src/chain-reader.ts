import { isSameMac, type ChainKey } from './chain.ts'
import type { Checkpoint } from './checkpoint.ts'
import { parseLine, type AuditLine } from './record.ts'

export type AuditFaultKind =
  /** A record is not as it was written, or was never written by the audit. */
  | 'altered'
  /** Records were taken out. */
  | 'missing'
  /** A record is in the place of another, or twice. */
  | 'reordered'
  /** Records at the end are gone. */
  | 'cut'
  /** A checkpoint was not signed by this chain. */
  | 'checkpoint'

/** The first thing that is wrong with an audit. */
export interface AuditFault {
  readonly kind: AuditFaultKind
  /** The number of the first record concerned. */
  readonly seq: number
  readonly file: string | undefined
  /** From 1. */
  readonly line: number | undefined
  readonly message: string
}

/** More epochs than that cannot lie between two records. */
export const mostEpochs = 100_000_000

/** Follows a chain from file to file, and stops at the first fault. */
export class ChainReader {
  records = 0
  firstSeq: number | undefined
  lastSeq: number | undefined
  readonly #key: ChainKey
  readonly #checkpoints: ReadonlyMap<number, Checkpoint>
  #mac = ''
  /** The number of the record before the first one at hand. */
  #start: number | undefined
  /** Records before the first one at hand; a later record must say that they were removed. */
  #unexplained = 0

  constructor(key: ChainKey, checkpoints: ReadonlyMap<number, Checkpoint>) {
    this.#key = key
    this.#checkpoints = checkpoints
  }

  /** The next file, as a whole. */
  read(file: string, text: string): AuditFault | undefined {
    const lines = text.split('\n')
    // What follows the last line's end was half written when the process ended.
    lines.pop()
    for (const [index, line] of lines.entries()) {
      const parsed = parseLine(line)
      const kind = parsed ? this.#follow(parsed, lines.slice(index + 1)) : 'altered'
      if (kind) return this.#fault(kind, { file, line: index + 1 })
    }
    return undefined
  }

  /** What only shows at the end. */
  end(): AuditFault | undefined {
    if (this.#unexplained > 0)
      return {
        ...this.#fault('missing', undefined),
        seq: 1,
        message: `Records 1 to ${this.#unexplained} are missing`,
      }
    const latest = Math.max(0, ...this.#checkpoints.keys())
    return latest > this.#latest ? this.#fault('cut', undefined) : undefined
  }

  #follow(line: AuditLine, rest: readonly string[]): AuditFaultKind | undefined {
    const { record } = line
    if (record.operation === 'open') return this.#begin(line)
    if (this.#start === undefined) return 'missing'
    const expected = this.#latest + 1
    if (record.seq !== expected) return this.#misplaced(record.seq, expected, rest)
    if (!this.#isGenuine(line, this.#mac)) return 'altered'
    if (this.#checkpoints.has(record.seq) && this.#checkpoints.get(record.seq)?.mac !== record.mac)
      return 'altered'
    if (record.operation === 'remove' && (record.last ?? 0) >= this.#unexplained) this.#unexplained = 0
    this.firstSeq ??= record.seq
    this.lastSeq = record.seq
    this.#mac = record.mac
    this.records++
    return undefined
  }

  /** The first line of a file: the chain begins there, or goes on. */
  #begin(line: AuditLine): AuditFaultKind | undefined {
    const { seq, prev = '' } = line.record
    const isFirst = this.#start === undefined
    if (!isFirst && seq !== this.#latest) return seq > this.#latest ? 'missing' : 'reordered'
    if (!this.#isGenuine(line, prev) || (!isFirst && prev !== this.#mac)) return 'altered'
    if (!isFirst) return undefined
    this.#start = seq
    this.#unexplained = seq
    this.#mac = prev
    return undefined
  }

  get #latest(): number {
    return this.lastSeq ?? this.#start ?? 0
  }

  #isGenuine({ record, body }: AuditLine, previous: string): boolean {
    if (record.epoch < this.#key.epoch || record.epoch > this.#key.epoch + mostEpochs) return false
    this.#key.advanceTo(record.epoch)
    return isSameMac(this.#key.mac(previous, body), record.mac)
  }

  #misplaced(seq: number, expected: number, rest: readonly string[]): AuditFaultKind {
    if (seq < expected) return 'reordered'
    return rest.some((line) => parseLine(line)?.record.seq === expected) ? 'reordered' : 'missing'
  }

  #fault(kind: AuditFaultKind, at: { readonly file: string; readonly line: number } | undefined): AuditFault {
    const seq = this.#latest + 1
    const place = at ? `, at line ${at.line} of ${at.file}` : ''
    return { kind, seq, file: at?.file, line: at?.line, message: `Record ${seq} ${said[kind]}${place}` }
  }
}

const said: Readonly<Record<AuditFaultKind, string>> = {
  altered: 'was altered',
  missing: 'is missing',
  reordered: 'is not in its place',
  cut: 'and those that followed it were cut off',
  checkpoint: 'has a forged checkpoint',
}
