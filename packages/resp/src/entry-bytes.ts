import { CacheError } from '@cache/ports'
import type { NewEntry, StoredEntry } from '@cache/ports'
import type { NamespaceState } from './namespace-state.ts'

/*
 * The bytes of an entry are described in scripts/prelude.ts. What a client sends is the same without what only the
 * server knows: fresh for, kept for, age (doubles), then flags and all that follows, tags without generations.
 */
const magic = 0xca
const flagText = 1
const flagVersion = 2
const at = { sequence: 13, born: 21, fresh: 29, gone: 37, headLength: 45, flags: 49, format: 50 } as const
const fixed = { size: 51, load: 59, version: 67, revision: 75 } as const
const shortestHead = 79
/** Bytes of the times that an entry is sent with. */
export const sentPrefix = 24
const longestText = 65_535

/** Milliseconds after which nobody asks; beyond it a time is for ever. */
const foreverMs = 1e14

/**
 * What a client sends to have an entry stored.
 *
 * @throws CacheError `INVALID_VALUE`, `INVALID_OPTION`
 */
export function entryToSend(entry: NewEntry): Buffer {
  const { payload, revision, version, tags } = entry
  if (typeof payload !== 'string' && !(payload instanceof Uint8Array))
    throw new CacheError(
      'INVALID_VALUE',
      'A server stores text or bytes: give the cache a codec that makes them',
    )
  const isText = typeof payload === 'string'
  const payloadLength = isText ? Buffer.byteLength(payload) : payload.byteLength
  const revisionLength = lengthOf(revision)
  const tagLengths = tags.map(lengthOf)
  const tagsLength = tagLengths.reduce((sum, length) => sum + 2 + length, 2)
  const bytes = Buffer.allocUnsafe(sentPrefix + 28 + revisionLength + tagsLength + payloadLength)
  let offset = writeTimes(bytes, entry)
  offset = bytes.writeUInt8((isText ? flagText : 0) | (version === undefined ? 0 : flagVersion), offset)
  offset = bytes.writeUInt8(entry.format, offset)
  for (const number of [entry.sizeBytes, entry.loadMs, version ?? 0])
    offset = bytes.writeDoubleBE(number, offset)
  offset = writeText(bytes, revision, revisionLength, offset)
  offset = bytes.writeUInt16BE(tags.length, offset)
  for (const [index, tag] of tags.entries()) offset = writeText(bytes, tag, tagLengths[index] ?? 0, offset)
  if (isText) bytes.write(payload, offset)
  else bytes.set(payload, offset)
  return bytes
}

function writeTimes(bytes: Buffer, { freshForMs, keptForMs, ageMs }: NewEntry): number {
  const offset = bytes.writeDoubleBE(finiteOrForever(freshForMs), 0)
  return bytes.writeDoubleBE(ageMs, bytes.writeDoubleBE(finiteOrForever(keptForMs), offset))
}

/** Remaining times to send, for a change of them. */
export function timesToSend(freshForMs: number, keptForMs: number): Buffer {
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeDoubleBE(finiteOrForever(keptForMs), bytes.writeDoubleBE(finiteOrForever(freshForMs), 0))
  return bytes
}

function finiteOrForever(ms: number): number {
  if (ms >= foreverMs) return Number.POSITIVE_INFINITY
  // What is no number is no time at all.
  return ms > 0 ? ms : 0
}

function lengthOf(text: string): number {
  const length = Buffer.byteLength(text)
  if (length > longestText)
    throw new CacheError('INVALID_OPTION', `A tag or revision has at most ${longestText} bytes`)
  return length
}

function writeText(bytes: Buffer, text: string, length: number, offset: number): number {
  const start = bytes.writeUInt16BE(length, offset)
  return start + bytes.write(text, start)
}

/** Whether the bytes are an entry of this format, of any epoch. */
export function isEntry(bytes: Buffer): boolean {
  return bytes.length >= shortestHead && bytes[0] === magic
}

/** What a plain read can tell of an entry. */
export type EntryStanding =
  | 'valid'
  /** Void by epoch, clear or time, or not ours. */
  | 'void'
  /** A tag was invalidated since it was written, perhaps one of its own: a script has to look. */
  | 'unsure'

export function standingOf(bytes: Buffer, state: NamespaceState, nowMs: number): EntryStanding {
  if (!isEntry(bytes) || !isOfEpoch(bytes, state.epochWords)) return 'void'
  const sequence = bytes.readDoubleBE(at.sequence)
  if (sequence < state.clearedAt || bytes.readDoubleBE(at.gone) <= nowMs) return 'void'
  return sequence >= state.taggedAt || tagCount(bytes) === 0 ? 'valid' : 'unsure'
}

function isOfEpoch(bytes: Buffer, [first, second, third]: NamespaceState['epochWords']): boolean {
  return (
    bytes.readUInt32BE(1) === first && bytes.readUInt32BE(5) === second && bytes.readUInt32BE(9) === third
  )
}

/** Of a damaged entry there are none: what is read next finds it out. */
function tagCount(bytes: Buffer): number {
  const start = fixed.revision + 2 + bytes.readUInt16BE(fixed.revision)
  return start + 2 <= bytes.length ? bytes.readUInt16BE(start) : 0
}

/** An entry that holds, as it is at `nowMs` of the server's time; `undefined` where somebody damaged it. */
export function entryOf(bytes: Buffer, nowMs: number): StoredEntry | undefined {
  try {
    return parsed(bytes, nowMs)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** @throws RangeError where a length in it leads beyond its end */
function parsed(bytes: Buffer, nowMs: number): StoredEntry {
  const headLength = bytes.readUInt32BE(at.headLength)
  const flags = bytes[at.flags] ?? 0
  const revisionEnd = fixed.revision + 2 + bytes.readUInt16BE(fixed.revision)
  return {
    // A copy, because the bytes may be a part of a much larger reply.
    payload:
      (flags & flagText) === 0
        ? Uint8Array.prototype.slice.call(bytes, headLength)
        : bytes.toString('utf8', headLength, bytes.length),
    format: bytes[at.format] ?? 0,
    sizeBytes: bytes.readDoubleBE(fixed.size),
    freshForMs: bytes.readDoubleBE(at.fresh) - nowMs,
    keptForMs: bytes.readDoubleBE(at.gone) - nowMs,
    ageMs: Math.max(0, nowMs - bytes.readDoubleBE(at.born)),
    loadMs: bytes.readDoubleBE(fixed.load),
    revision: bytes.toString('utf8', fixed.revision + 2, revisionEnd),
    version: (flags & flagVersion) === 0 ? undefined : bytes.readDoubleBE(fixed.version),
    tags: tagsOf(bytes, revisionEnd),
    sequence: bytes.readDoubleBE(at.sequence),
  }
}

const noTags: readonly string[] = []

function tagsOf(bytes: Buffer, start: number): readonly string[] {
  const count = bytes.readUInt16BE(start)
  if (count === 0) return noTags
  const tags: string[] = []
  for (let offset = start + 2; tags.length < count;) {
    const end = offset + 2 + bytes.readUInt16BE(offset)
    tags.push(bytes.toString('utf8', offset + 2, end))
    offset = end + 8
  }
  return tags
}
