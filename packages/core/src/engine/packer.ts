import { CacheError, valueFormat as format, type Codec, type Payload, type StoredEntry } from '@cache/ports'
import { freezeShared, frozenCopy, notFreezable } from '../codec/freeze.ts'
import { notPlain, plainBytes } from '../codec/plain.ts'
import { decodeValue, encodeValue, firstCustomFormat, type Encoded } from '../codec/value-format.ts'
import type { KeptEntry, SealedEntry, Sealer } from './sealer.ts'

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
  /** Present for sensitive and for signed caches: stores keep what this sealed. */
  readonly sealer: Sealer | undefined
  /** What the cache's store takes. */
  readonly payloads: 'live' | 'encoded'
}

/** What is known of an entry before its value is encoded. */
export type NewFacts = Omit<SealedEntry, 'format'>

const negativeEncoded: Encoded = { payload: '', format: format.negative }
const negative: Packed = { ...negativeEncoded, sizeBytes: 0 }

/** Turns values into what tiers keep and back: encodes, seals, freezes, and checks sizes. */
export class Packer {
  readonly #options: PackerOptions

  constructor(options: PackerOptions) {
    this.#options = options
  }

  get sealer(): Sealer | undefined {
    return this.#options.sealer
  }

  /**
   * The form for a store of encoded payloads.
   *
   * @throws CacheError `INVALID_VALUE`, `VALUE_TOO_LARGE`, `ENCODING_FAILED`
   */
  encode(value: unknown, facts: NewFacts): Packed {
    const { sealer } = this.#options
    if (value === undefined && !sealer) return negative
    const encoded = value === undefined ? negativeEncoded : this.#encode(value)
    const sizeBytes = byteLength(encoded.payload)
    this.#checkSize(sizeBytes)
    if (!sealer) return { payload: encoded.payload, format: encoded.format, sizeBytes }
    const payload = sealer.seal(encoded.payload, { ...facts, format: encoded.format })
    wipe(encoded)
    return { payload, format: encoded.format, sizeBytes: payload.byteLength }
  }

  /** The form that this process may keep of an entry that was written. */
  keepWritten(written: KeptEntry & Packed, storedKey: string): Packed {
    if (this.#options.sealer?.confidential) return written
    return this.keep(this.decode(written, storedKey), () => written)
  }

  /** The form that this process may keep: a live value where callers may share it, else `encoded`. */
  keep(value: unknown, encoded: () => Packed): Packed {
    const { sealer } = this.#options
    if (sealer?.confidential) return encoded()
    if (value === undefined) return negative
    const live = this.#shareable(value)
    // What is only signed is trusted once it is here.
    if (live === notFreezable) return encoded()
    const bytes = plainBytes(value)
    const sizeBytes = bytes === notPlain ? encoded().sizeBytes : bytes
    this.#checkSize(sizeBytes)
    return { payload: live, format: format.live, sizeBytes }
  }

  /**
   * The value of a form that this process kept; `undefined` for a negative entry.
   *
   * @throws CacheError `DECODING_FAILED`, `DECRYPTION_FAILED`, `KEY_UNAVAILABLE`
   */
  decode(kept: KeptEntry, storedKey: string): unknown {
    const { sealer } = this.#options
    if (kept.format === format.live) return kept.payload
    if (!sealer || (kept.format === format.negative && !(kept.payload instanceof Uint8Array)))
      return this.#decoded(kept.payload, kept.format)
    return this.#decodeSealed(sealer.openKept(kept, storedKey), kept.format)
  }

  /**
   * The value of an entry that came from the store, and the entry with the times that hold for it.
   *
   * @throws CacheError `DECODING_FAILED`, `DECRYPTION_FAILED`, `KEY_UNAVAILABLE`
   */
  decodeStored<E extends StoredEntry>(
    entry: E,
    storedKey: string,
  ): { readonly value: unknown; readonly entry: E } {
    const { sealer, payloads } = this.#options
    if (payloads === 'live') return { value: this.decode(entry, storedKey), entry }
    // No format of a store stands for a live value: whoever writes there could have it taken for one that was checked.
    if (!sealer) return { value: this.#decoded(entry.payload, entry.format), entry }
    const opened = sealer.openStored(entry, storedKey)
    return { value: this.#decodeSealed(opened.payload, entry.format), entry: opened.entry }
  }

  /** What has been frozen already is shared as it is; anything else is copied first. */
  #shareable(value: unknown): unknown {
    const { sharing } = this.#options
    if (sharing === 'clone') return notFreezable
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
      // A codec may quote the value.
      const options = this.#options.sealer ? undefined : { cause }
      throw new CacheError('ENCODING_FAILED', `The codec '${codec.name}' could not encode the value`, options)
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

  #decoded(payload: unknown, id: number): unknown {
    return id === format.negative ? undefined : decodeValue(payload as Payload, id, this.#options.codec)
  }

  /** What the library opened it overwrites, and no error quotes it. */
  #decodeSealed(payload: Payload, id: number): unknown {
    try {
      return this.#decoded(payload, id)
    } catch {
      throw new CacheError('DECODING_FAILED', `A sealed payload of format ${id} could not be decoded`)
    } finally {
      wipe({ payload, format: id })
    }
  }
}

/** Overwrites bytes that are the library's own; a codec of the caller's may have kept a view of its bytes. */
function wipe({ payload, format: id }: Encoded): void {
  if (typeof payload !== 'string' && id < firstCustomFormat) payload.fill(0)
}

function byteLength(payload: Payload): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength
}
