import { createHash } from 'node:crypto'

import { SymbolIndexError } from '../errors.ts'

/**
 * The one buffer that holds a set, in memory and on disk alike:
 *
 * ```
 *  0  magic "CSYMIDX\0"        8 bytes
 *  8  format version           uint32
 * 12  byte order mark          uint32, 0x01020304
 * 16  length of the buffer     float64
 * 24  SHA-256 of what follows  32 bytes
 * 56  number of sections       uint32
 * 64  section table            { offset, byteLength } as float64 pairs
 *  …  sections, each aligned to 8 bytes
 * ```
 */
export const FORMAT_VERSION = 1

const MAGIC = new TextEncoder().encode('CSYMIDX\0')
const BYTE_ORDER_MARK = 0x01020304
const VERSION_AT = 8
const BYTE_ORDER_AT = 12
const LENGTH_AT = 16
const HASH_AT = 24
const HASHED_FROM = 56
const COUNT_AT = 56
const TABLE_AT = 64
const HASH_BYTES = 32

/** Section names and their element types. The order is part of the format. */
const SECTIONS = {
  meta: 'u8',
  heads: 'u8',
  headOffsets: 'u32',
  headMasks: 'u32',
  tails: 'u8',
  tailOffsets: 'u32',
  tailMasks: 'u32',
  tokenHeads: 'u8',
  tokenHeadOffsets: 'u32',
  tokenHeadMasks: 'u32',
  tokenTails: 'u8',
  tokenTailOffsets: 'u32',
  tokenTailMasks: 'u32',
  exchangeGroups: 'u32',
  groupRows: 'u32',
  groupSymbol: 'u32',
  groupBrokerSymbol: 'u32',
  groupName: 'u32',
  groupUnderlying: 'u32',
  groupExpiry: 'u32',
  groupBrokerExchange: 'u32',
  rowGroup: 'u32',
  rowSymbolTail: 'u32',
  rowBrokerTail: 'u32',
  rowTokenHead: 'u32',
  rowTokenTail: 'u32',
  rowStrike: 'u32',
  rowSpec: 'u32',
  rowRank: 'u32',
  strikes: 'f64',
  specTypes: 'u8',
  specLots: 'f64',
  specTicks: 'f64',
  symbolTable: 'u32',
  tokenTable: 'u32',
  brokerTable: 'u32',
} as const

export type SectionName = keyof typeof SECTIONS
interface ArrayOf {
  u8: Uint8Array
  u32: Uint32Array
  f64: Float64Array
}
/** Every section as a typed array over the buffer. */
export type Sections = { readonly [Name in SectionName]: ArrayOf[(typeof SECTIONS)[Name]] }

export const SECTION_NAMES: readonly SectionName[] = Object.keys(SECTIONS) as SectionName[]
const ELEMENT_BYTES = { u8: 1, u32: 4, f64: 8 } as const
const HEADER_BYTES = TABLE_AT + SECTION_NAMES.length * 16

/** A new buffer with room for sections of these lengths (in elements). */
export function allocate(lengths: Record<SectionName, number>): SharedArrayBuffer {
  let offset = align(HEADER_BYTES)
  const table = SECTION_NAMES.map((name) => {
    const byteLength = lengths[name] * ELEMENT_BYTES[SECTIONS[name]]
    const entry = { offset, byteLength }
    offset = align(offset + byteLength)
    return entry
  })
  const buffer = new SharedArrayBuffer(offset)
  writeHeader(new DataView(buffer), table)
  return buffer
}

/** Typed arrays over the sections of a buffer whose header has been checked. */
export function openSections(buffer: SharedArrayBuffer): Sections {
  const view = new DataView(buffer)
  const open = (name: SectionName, index: number): [SectionName, ArrayOf[keyof ArrayOf]] => {
    const offset = view.getFloat64(TABLE_AT + index * 16, true)
    const byteLength = view.getFloat64(TABLE_AT + index * 16 + 8, true)
    return [name, typedArray(buffer, SECTIONS[name], { offset, byteLength })]
  }
  return Object.fromEntries(SECTION_NAMES.map(open)) as unknown as Sections
}

/** Writes the content hash into the header; the buffer is immutable from here on. */
export function seal(buffer: SharedArrayBuffer): void {
  new Uint8Array(buffer, HASH_AT, HASH_BYTES).set(contentHash(buffer))
}

/** The SHA-256 that the header carries, in hexadecimal: the identity of a set's content. */
export function storedHash(buffer: SharedArrayBuffer): string {
  return Buffer.from(buffer, HASH_AT, HASH_BYTES).toString('hex')
}

/** Throws unless the buffer is whole, of this format version, and as it was written. */
export function verify(buffer: SharedArrayBuffer): void {
  checkHeader(buffer)
  if (contentHash(buffer).toString('hex') !== storedHash(buffer)) {
    throw new SymbolIndexError(
      'SNAPSHOT_ALTERED',
      'The snapshot does not match its checksum: it was altered or damaged. Import the master again.',
    )
  }
  checkTable(buffer)
}

function writeHeader(view: DataView, table: readonly { offset: number; byteLength: number }[]): void {
  MAGIC.forEach((byte, index) => {
    view.setUint8(index, byte)
  })
  view.setUint32(VERSION_AT, FORMAT_VERSION, true)
  new Uint32Array(view.buffer, BYTE_ORDER_AT, 1)[0] = BYTE_ORDER_MARK
  view.setFloat64(LENGTH_AT, view.byteLength, true)
  view.setUint32(COUNT_AT, table.length, true)
  table.forEach(({ offset, byteLength }, index) => {
    view.setFloat64(TABLE_AT + index * 16, offset, true)
    view.setFloat64(TABLE_AT + index * 16 + 8, byteLength, true)
  })
}

function checkHeader(buffer: SharedArrayBuffer): void {
  const view = new DataView(buffer)
  if (buffer.byteLength < VERSION_AT || MAGIC.some((byte, index) => view.getUint8(index) !== byte)) {
    throw new SymbolIndexError('NOT_A_SNAPSHOT', 'The file is not a symbol snapshot.')
  }
  if (buffer.byteLength < HEADER_BYTES) throw truncated(buffer.byteLength, HEADER_BYTES)
  const version = view.getUint32(VERSION_AT, true)
  if (version !== FORMAT_VERSION) {
    throw new SymbolIndexError(
      'SNAPSHOT_VERSION',
      `The snapshot has format version ${version}; this release reads version ${FORMAT_VERSION}. Import the master again.`,
    )
  }
  if (new Uint32Array(buffer, BYTE_ORDER_AT, 1)[0] !== BYTE_ORDER_MARK) {
    throw new SymbolIndexError(
      'SNAPSHOT_VERSION',
      'The snapshot was written on a machine with another byte order. Import the master again.',
    )
  }
  const length = view.getFloat64(LENGTH_AT, true)
  if (buffer.byteLength !== length) throw truncated(buffer.byteLength, length)
}

function checkTable(buffer: SharedArrayBuffer): void {
  const view = new DataView(buffer)
  const fits = SECTION_NAMES.every((name, index) => {
    const offset = view.getFloat64(TABLE_AT + index * 16, true)
    const byteLength = view.getFloat64(TABLE_AT + index * 16 + 8, true)
    const whole = Number.isInteger(byteLength / ELEMENT_BYTES[SECTIONS[name]])
    const inside = offset >= HEADER_BYTES && byteLength >= 0 && offset + byteLength <= buffer.byteLength
    return offset % 8 === 0 && whole && inside
  })
  if (!fits || view.getUint32(COUNT_AT, true) !== SECTION_NAMES.length) {
    throw new SymbolIndexError('SNAPSHOT_ALTERED', "The snapshot's section table is damaged.")
  }
}

function truncated(actual: number, expected: number): SymbolIndexError {
  return new SymbolIndexError(
    'SNAPSHOT_TRUNCATED',
    `The snapshot is ${actual} bytes long instead of ${expected}. Import the master again.`,
  )
}

function contentHash(buffer: SharedArrayBuffer): Buffer {
  return createHash('sha256').update(new Uint8Array(buffer, HASHED_FROM)).digest()
}

function typedArray(
  buffer: SharedArrayBuffer,
  type: keyof ArrayOf,
  { offset, byteLength }: { offset: number; byteLength: number },
): ArrayOf[keyof ArrayOf] {
  if (type === 'u8') return new Uint8Array(buffer, offset, byteLength)
  if (type === 'u32') return new Uint32Array(buffer, offset, byteLength / 4)
  return new Float64Array(buffer, offset, byteLength / 8)
}

function align(offset: number): number {
  return Math.ceil(offset / 8) * 8
}
