import { CacheError, durationMs, refuseUnknown, type Duration } from '@cache/core'
import type { Checkpoint } from './checkpoint.ts'

/** Whose calls are recorded: those of sensitive caches, of all, or of those with a name that matches a pattern. */
export type AuditedCaches = 'sensitive' | 'all' | readonly string[]

export interface AuditOptions {
  /** The file that is written; rotated ones get a date and a number behind this name. One process each. Default `'db/cache_audit.log'`. */
  readonly file?: string | undefined
  /** Which process this is, in the records. Default `'instance-1'`. */
  readonly instance?: string | undefined
  /** Default `'sensitive'`. */
  readonly caches?: AuditedCaches | undefined
  /**
   * Also record reads: of all audited caches, of none, or of those with a name that matches a pattern. Loads that are
   * answered without their loader are reads. Denied ones are recorded in any case. Default `true`.
   */
  readonly reads?: boolean | readonly string[] | undefined
  /**
   * What becomes of calls that can't be recorded, because the disk is full for one: they are refused with
   * `AUDIT_UNAVAILABLE`, or go on and the loss is recorded later. Default `'refuse'`.
   */
  readonly onFailure?: 'refuse' | 'continue' | undefined
  readonly rotation?: RotationOptions | undefined
  readonly checkpoints?: CheckpointOptions | undefined
}

export interface RotationOptions {
  /** A file is closed when it has this many bytes, or a day (UTC) has ended. Default 10 MiB. */
  readonly maxBytes?: number | undefined
  /** Files whose last record is older are removed, and that is recorded. Default 90 days; `Infinity` keeps all. */
  readonly keep?: Duration | undefined
}

/** Where it is noted how far the audit is, so that a cut is noticed: on another disk, or better another machine. */
export interface CheckpointOptions {
  /** A file that checkpoints are appended to. */
  readonly file?: string | undefined
  /** Takes a checkpoint elsewhere. */
  readonly send?: ((checkpoint: Checkpoint) => Promise<void> | void) | undefined
  /** Records between two checkpoints at most. Default 1,000. */
  readonly every?: number | undefined
  /** Time between two checkpoints at most, while there are records. Default 1 minute. */
  readonly interval?: Duration | undefined
}

export interface AuditSettings {
  readonly file: string
  readonly instance: string
  readonly caches: AuditedCaches
  readonly reads: boolean | readonly string[]
  readonly refuses: boolean
  readonly maxBytes: number
  readonly keepMs: number
  readonly checkpointFile: string | undefined
  readonly sendCheckpoint: ((checkpoint: Checkpoint) => Promise<void> | void) | undefined
  readonly checkpointEvery: number
  readonly checkpointMs: number
}

const optionNames: readonly (keyof AuditOptions)[] = [
  'file',
  'instance',
  'caches',
  'reads',
  'onFailure',
  'rotation',
  'checkpoints',
]

/** @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option. */
export function auditSettings(options: AuditOptions): AuditSettings {
  refuseUnknown(options, optionNames, 'auditLog')
  const { file = 'db/cache_audit.log', instance = 'instance-1', reads = true, onFailure = 'refuse' } = options
  if (typeof file !== 'string' || file === '' || file.includes('\0')) throw invalid('file must be a path')
  if (typeof instance !== 'string' || !/^[\w.:-]{1,100}$/.test(instance))
    throw invalid(`instance must be up to 100 letters, digits, '_', '-', '.' and ':'`)
  if (typeof reads !== 'boolean' && !isNames(reads))
    throw invalid('reads must be true, false or a list of names and patterns')
  if (onFailure !== 'refuse' && onFailure !== 'continue')
    throw invalid(`onFailure must be 'refuse' or 'continue'`)
  return {
    file,
    instance,
    caches: checkedCaches(options.caches ?? 'sensitive'),
    reads,
    refuses: onFailure === 'refuse',
    ...rotationSettings(options.rotation ?? {}),
    ...checkpointSettings(options.checkpoints ?? {}),
  }
}

function checkedCaches(caches: AuditedCaches): AuditedCaches {
  if (caches === 'sensitive' || caches === 'all') return caches
  if (isNames(caches)) return caches
  throw invalid(`caches must be 'sensitive', 'all' or a list of names and patterns`)
}

function isNames(names: unknown): names is readonly string[] {
  return Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '')
}

function rotationSettings(options: RotationOptions): Pick<AuditSettings, 'maxBytes' | 'keepMs'> {
  refuseUnknown(options, ['maxBytes', 'keep'], 'rotation')
  const maxBytes = options.maxBytes ?? 10 * 1024 * 1024
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 4096)
    throw invalid('rotation.maxBytes must be 4,096 or more')
  return { maxBytes, keepMs: durationMs(options.keep ?? '90d', 'rotation.keep') }
}

function checkpointSettings(
  options: CheckpointOptions,
): Pick<AuditSettings, 'checkpointFile' | 'sendCheckpoint' | 'checkpointEvery' | 'checkpointMs'> {
  refuseUnknown(options, ['file', 'send', 'every', 'interval'], 'checkpoints')
  const { file, send, every = 1000 } = options
  if (!Number.isSafeInteger(every) || every < 1)
    throw invalid('checkpoints.every must be a whole number from 1')
  const checkpointMs = durationMs(options.interval ?? '1m', 'checkpoints.interval')
  return { checkpointFile: file, sendCheckpoint: send, checkpointEvery: every, checkpointMs }
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
