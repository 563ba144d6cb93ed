import type { Payload, SealedTimes } from '@cache/core'

/**
 * The layout of a sealed payload, version 1. Numbers are big-endian; `docs/security.md` tells it for other readers.
 *
 * | offset | bytes | field |
 * | ---: | ---: | --- |
 * | 0 | 1 | 0xC5 |
 * | 1 | 1 | version: 1 |
 * | 2 | 1 | suite: 1 AES-256-GCM, 2 HMAC-SHA-256 |
 * | 3 | 1 | payload: 0 bytes, 1 text in UTF-8 |
 * | 4 | 8 | id of the key |
 * | 12 | 6 | sealed at, milliseconds since 1970 |
 * | 18 | 6 | fresh for, milliseconds; all ones for ever |
 * | 24 | 6 | kept for, milliseconds; all ones for ever |
 * | 30 | 16 | suite 1: salt of the derived key |
 * | 46 | 12 | suite 1: nonce |
 * | 58 | 32 | suite 1: commitment to the derived key |
 * | 90 | n | suite 1: ciphertext; in suite 2 the payload, at 30 |
 * | end | 16 | suite 1: tag; in suite 2 the HMAC, 32 bytes |
 */
export const layout = {
  magic: 0xc5,
  version: 1,
  keyIdAt: 4,
  keyIdBytes: 8,
  wallAt: 12,
  freshAt: 18,
  keptAt: 24,
  saltAt: 30,
  saltBytes: 16,
  nonceAt: 46,
  nonceBytes: 12,
  commitmentAt: 58,
  commitmentBytes: 32,
  encryptedHeaderBytes: 90,
  tagBytes: 16,
  signedHeaderBytes: 30,
  macBytes: 32,
} as const

/** What an envelope of each suite is. */
export const suite = { encrypted: 1, signed: 2 } as const

type Suite = (typeof suite)[keyof typeof suite]

/** Stands for times without an end. */
const forEver = 2 ** 48 - 1

/** What an envelope says of itself before anything of it is trusted. */
export type Kind =
  | 'encrypted'
  | 'signed'
  /** Written by a later version of this package. */
  | 'later'
  /** Not an envelope. */
  | 'none'

/** Looks at the fixed bytes and the length only. */
export function kindOf(envelope: Buffer): Kind {
  if (envelope.length < layout.signedHeaderBytes + layout.macBytes || envelope[0] !== layout.magic)
    return 'none'
  const version = envelope[1] ?? 0
  if (version > layout.version) return 'later'
  if (version !== layout.version || (envelope[3] ?? 2) > 1) return 'none'
  if (envelope[2] === suite.signed) return 'signed'
  const longEnough = envelope.length >= layout.encryptedHeaderBytes + layout.tagBytes
  return envelope[2] === suite.encrypted && longEnough ? 'encrypted' : 'none'
}

/** Writes the fields that both suites have. */
export function writeHeader(
  envelope: Buffer,
  kind: Suite,
  payload: Payload,
  sealed: { readonly keyId: Buffer; readonly times: SealedTimes },
): void {
  envelope[0] = layout.magic
  envelope[1] = layout.version
  envelope[2] = kind
  envelope[3] = typeof payload === 'string' ? 1 : 0
  envelope.set(sealed.keyId, layout.keyIdAt)
  const { wallMs, freshForMs, keptForMs } = sealed.times
  envelope.writeUIntBE(whole(wallMs), layout.wallAt, 6)
  envelope.writeUIntBE(whole(freshForMs), layout.freshAt, 6)
  envelope.writeUIntBE(whole(keptForMs), layout.keptAt, 6)
}

/** To be read once the envelope is known to be genuine. */
export function readTimes(envelope: Buffer): SealedTimes {
  return {
    wallMs: envelope.readUIntBE(layout.wallAt, 6),
    freshForMs: duration(envelope.readUIntBE(layout.freshAt, 6)),
    keptForMs: duration(envelope.readUIntBE(layout.keptAt, 6)),
  }
}

/** To be read once the envelope is known to be genuine. */
export function isText(envelope: Buffer): boolean {
  return envelope[3] === 1
}

/** A key's id as a map is asked for it. */
export function keyIdOf(envelope: Buffer): string {
  return envelope.toString('hex', layout.keyIdAt, layout.keyIdAt + layout.keyIdBytes)
}

/** The same bytes as a `Buffer`, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function whole(ms: number): number {
  return Math.min(Math.max(0, Math.ceil(ms)), forEver)
}

function duration(ms: number): number {
  return ms === forEver ? Number.POSITIVE_INFINITY : ms
}
