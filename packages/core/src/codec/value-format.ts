import { CacheError, valueFormat as format, type Codec, type Payload } from '@cache/ports'
import { decodeFaithful, encodeFaithful } from './faithful.ts'
import { hasEscapedName } from './escaped-names.ts'
import { notPlain, plainBytes } from './plain.ts'

/** The lowest format id that a codec of the caller's may have. */
export const firstCustomFormat = 16

export interface Encoded {
  readonly payload: Payload
  readonly format: number
}

/**
 * Encodes with the built-in formats: JSON where it loses nothing, raw bytes, else the faithful form.
 *
 * @throws CacheError `INVALID_VALUE`
 */
export function encodeValue(value: unknown): Encoded {
  if (plainBytes(value) !== notPlain) {
    const json = JSON.stringify(value)
    if (!hasEscapedName(json)) return { payload: json, format: format.json }
  }
  if (value instanceof Uint8Array) {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Uint8Array.prototype) return { payload: Uint8Array.from(value), format: format.bytes }
    if (Buffer.isBuffer(value)) return { payload: Uint8Array.from(value), format: format.buffer }
  }
  return { payload: encodeFaithful(value), format: format.faithful }
}

/**
 * Decodes the built-in formats and that of `codec`, if given.
 *
 * @throws CacheError `DECODING_FAILED`; its cause says how.
 */
export function decodeValue(payload: Payload, id: number, codec: Codec | undefined): unknown {
  try {
    return decodeUnchecked(payload, id, codec)
  } catch (cause) {
    throw new CacheError('DECODING_FAILED', `A stored payload of format ${id} could not be decoded`, {
      cause,
    })
  }
}

function decodeUnchecked(payload: Payload, id: number, codec: Codec | undefined): unknown {
  switch (id) {
    case format.json:
      return parseJson(textOf(payload))
    case format.faithful:
      return decodeFaithful(textOf(payload))
    case format.bytes:
      return Uint8Array.from(bytesOf(payload))
    case format.buffer:
      return Buffer.from(bytesOf(payload))
    default:
      if (codec?.id === id) return codec.decode(payload)
      throw new TypeError(`no codec has the format id ${id}`)
  }
}

/** Refuses own `__proto__` keys, which would pollute whatever the value is later assigned to. */
function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const mayHoldProto = text.includes('__proto__') || text.includes('\\u')
  if (mayHoldProto && plainBytes(value) === notPlain) throw new TypeError('the JSON is not plain data')
  return value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function textOf(payload: Payload): string {
  return typeof payload === 'string' ? payload : utf8.decode(payload)
}

function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload
}
