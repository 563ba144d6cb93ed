import type { AuditEvent } from '@cache/core'

/** What is recorded: calls of caches, and what the audit does with its own files. */
export type AuditOperation =
  | AuditEvent['operation']
  /** An entry did not open: it was forged, or its key is missing. */
  | 'forgery'
  /** The first line of a file: no record, with the number of the one before and its MAC. */
  | 'open'
  /** An old file was removed; `first` and `last` say which records were in it. */
  | 'remove'
  /** Records could not be written and were given up; `count` says how many. */
  | 'lost'

/** One line of the audit's file, in this order. */
export interface AuditRecord {
  /** Grows by one with each record. */
  readonly seq: number
  /** Which key of the chain made the MAC. */
  readonly epoch: number
  readonly time: string
  readonly cache?: string
  readonly operation: AuditOperation
  /** A keyed hash of the entry's key, the tag or the pattern. */
  readonly key?: string
  readonly caller?: string
  readonly hit?: boolean
  readonly outcome: AuditEvent['outcome']
  readonly code?: string
  readonly instance: string
  /** In the first line of a file: the MAC of the record before. */
  readonly prev?: string
  readonly first?: number
  readonly last?: number
  readonly count?: number
  /** Over the record before it and all of this one. */
  readonly mac: string
}

/** What a line says, and what its MAC was made of. */
export interface AuditLine {
  readonly record: AuditRecord
  readonly body: string
}

/** The text of a record without its end, which the MAC makes. */
export function withMac(body: string, mac: string): string {
  return `${body},"mac":"${mac}"}\n`
}

const lineEnd = /,"mac":"([A-Za-z0-9_-]*)"\}$/

/** `undefined` for what is no record, whoever wrote it. */
export function parseLine(line: string): AuditLine | undefined {
  const end = lineEnd.exec(line)
  if (!end) return undefined
  try {
    const record: unknown = JSON.parse(line)
    return isRecord(record) ? { record, body: line.slice(0, end.index) } : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is AuditRecord {
  if (typeof value !== 'object' || value === null) return false
  const { seq, epoch, mac, operation } = value as Record<string, unknown>
  return isCount(seq) && isCount(epoch) && typeof mac === 'string' && typeof operation === 'string'
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
