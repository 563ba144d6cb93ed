import { freezeShared, frozenCopy, notFreezable } from '../codec/freeze.ts'
import { notPlain, plainBytes } from '../codec/plain.ts'
import { decodeValue, encodeValue, format, type Encoded } from '../codec/value-format.ts'
import { CacheError } from '../errors/cache-error.ts'
import type { Payload } from '../ports/backend.ts'
import type { Codec } from '../ports/codec.ts'
import type { Protection, ProtectionContext, SealedFacts } from '../ports/protection.ts'

/** How callers are given values that stay in this process. */
export type ValueSharing =
  /** Plain data is frozen once and shared; anything else is decoded anew for each caller. */
  | 'freeze'
  /** Each caller gets a copy of its own. */
  | 'clone'
  /** All callers get the same, mutable value. */
  | 'reference'

/** A value in the form that a tier keeps. */
export interface Packed {
  readonly payload: unknown
  readonly format: number
  readonly sizeBytes: number
}

export interface PackerOptions {
  readonly sharing: ValueSharing
  readonly codec: Codec | undefined
  readonly maxValueBytes: number
  /** Present for sensitive caches: every tier keeps what this sealed. */
  readonly protection: Protection | undefined
  readonly prefix: string
  readonly cache: string
  readonly version: number
}

const negative: Packed = { payload: '', format: format.negative, sizeBytes: 0 }

/** Turns values into what tiers keep and back: encodes, seals, freezes, and checks sizes. */
export class Packer {
  readonly #options: PackerOptions

  constructor(options: PackerOptions) {
    this.#options = options
  }

  /**
   * The form for a store of encoded payloads.
   *
   * @throws CacheError `INVALID_VALUE`, `VALUE_TOO_LARGE`, `ENCODING_FAILED`
   */
  encode(value: unknown, storedKey: string, facts: () => SealedFacts): Packed {
    if (value === undefined) return negative
    const encoded = this.#encode(value)
    const sizeBytes = byteLength(encoded.payload)
    this.#checkSize(sizeBytes)
    const { protection } = this.#options
    if (!protection) return { ...encoded, sizeBytes }
    const payload = protection.seal(encoded.payload, this.#context(storedKey, encoded.format), facts())
    return { payload, format: encoded.format, sizeBytes: payload.byteLength }
  }

  /** The form that this process may keep: a live value where callers may share it, else `encoded`. */
  keep(value: unknown, encoded: () => Packed): Packed {
    if (value === undefined) return negative
    const live = this.#shareable(value)
    if (live === notFreezable) return encoded()
    const bytes = plainBytes(value)
    const sizeBytes = bytes === notPlain ? encoded().sizeBytes : bytes
    this.#checkSize(sizeBytes)
    return { payload: live, format: format.live, sizeBytes }
  }

  /**
   * The value of a kept form; `undefined` for a negative entry.
   *
   * @throws CacheError `DECODING_FAILED`, `DECRYPTION_FAILED`
   */
  decode(packed: { readonly payload: unknown; readonly format: number }, storedKey: string): unknown {
    if (packed.format === format.live) return packed.payload
    if (packed.format === format.negative) return undefined
    return decodeValue(this.#unseal(packed, storedKey), packed.format, this.#options.codec)
  }

  /** What has been frozen already is shared as it is; anything else is copied first. */
  #shareable(value: unknown): unknown {
    const { sharing, protection } = this.#options
    if (protection?.confidential || sharing === 'clone') return notFreezable
    if (sharing === 'reference') return value
    return typeof value === 'object' && Object.isFrozen(value) && freezeShared(value)
      ? value
      : frozenCopy(value)
  }

  #encode(value: unknown): Encoded {
    const { codec } = this.#options
    if (!codec) return encodeValue(value)
    try {
      return { payload: codec.encode(value), format: codec.id }
    } catch (cause) {
      throw new CacheError('ENCODING_FAILED', `The codec '${codec.name}' could not encode the value`, {
        cause,
      })
    }
  }

  #checkSize(sizeBytes: number): void {
    const { maxValueBytes } = this.#options
    if (sizeBytes <= maxValueBytes) return
    throw new CacheError(
      'VALUE_TOO_LARGE',
      `The value has ${sizeBytes} bytes; maxValueBytes is ${maxValueBytes}`,
    )
  }

  #unseal(packed: { readonly payload: unknown; readonly format: number }, storedKey: string): Payload {
    const { protection } = this.#options
    if (!protection) return packed.payload as Payload
    const envelope = packed.payload
    if (!(envelope instanceof Uint8Array))
      throw new CacheError('DECRYPTION_FAILED', 'A payload is not sealed')
    const reply = protection.open(envelope, this.#context(storedKey, packed.format))
    if (reply.ok) return reply.payload
    throw new CacheError('DECRYPTION_FAILED', `A sealed payload did not open: ${reply.reason}`)
  }

  #context(key: string, id: number): ProtectionContext {
    const { prefix, cache, version } = this.#options
    return { prefix, cache, version, key, format: id }
  }
}

function byteLength(payload: Payload): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength
}
