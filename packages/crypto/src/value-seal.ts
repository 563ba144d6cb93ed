import { CacheError, refuseUnknown, systemClock, type SealedPlace } from '@cache/core'
import { DerivedKeys } from './derived-keys.ts'
import { KeyHasher } from './key-hasher.ts'
import { derivedKeyId } from './keyring/derive.ts'
import { secretBytes, type KeyRecord } from './keyring/key-material.ts'
import { Keyring } from './keyring/keyring.ts'
import { mostMessages, mostMs } from './protection-options.ts'
import { RandomBytes } from './random-bytes.ts'
import { Scratch } from './scratch.ts'
import { SealedCache } from './sealed-cache.ts'

/** What single values are sealed with. */
export interface ValueSealOptions {
  /** What the values are, `'broker-token'` for one: they open for this purpose only. */
  readonly purpose: string
  /** Secrets of 32 bytes. The first seals, all of them open, so that keys can be changed. Copied. */
  readonly keys: readonly Uint8Array[]
}

/** Where a value belongs: the table, the column and the row, say. */
export type ValuePlace = readonly (string | number)[]

/** Seals single values that rest outside of a cache, in a column of a database for one. */
export interface ValueSeal {
  /** Ciphertext in base64url: 142 characters and four for each three bytes of the value. A few µs. */
  seal(value: string, place: ValuePlace): string
  /** `undefined` for what was altered, or sealed for another place or purpose, or with a key that is not here. */
  open(sealed: string, place: ValuePlace): string | undefined
  /** Whether the first key sealed it; if not, it is to be sealed anew once it was opened. */
  isCurrent(sealed: string): boolean
}

/** No two values are told apart by times: they have no end. */
const endless = { freshForMs: Number.POSITIVE_INFINITY, keptForMs: Number.POSITIVE_INFINITY }

/**
 * Makes a seal. Values are encrypted with AES-256-GCM, in the envelopes of caches, and bound to purpose and place.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function valueSeal(options: ValueSealOptions): ValueSeal {
  return new EnvelopeSeal(options)
}

/** Implements {@link ValueSeal}. */
class EnvelopeSeal implements ValueSeal {
  readonly #sealed: SealedCache

  constructor(options: ValueSealOptions) {
    refuseUnknown(options, ['purpose', 'keys'], 'valueSeal')
    const { purpose, keys } = options
    if (typeof purpose !== 'string' || purpose === '') throw invalid('purpose must be a text')
    const keyring = keyringOf(keys)
    const random = new RandomBytes()
    this.#sealed = new SealedCache(
      {
        keys: { keyring, noticeMissing: () => undefined },
        derived: new DerivedKeys({ messages: mostMessages, ms: mostMs }, systemClock, random),
        random,
        scratch: new Scratch(),
      },
      // Caches have a prefix, so that no envelope of theirs opens here, even with the same key.
      { prefix: '', cache: purpose, version: 1, mode: 'encrypt' },
      new KeyHasher(Buffer.alloc(secretBytes)),
    )
  }

  seal(value: string, place: ValuePlace): string {
    const envelope = this.#sealed.seal(value, placeOf(place), { wallMs: systemClock.wallMs(), ...endless })
    return Buffer.from(envelope).toString('base64url')
  }

  open(sealed: string, place: ValuePlace): string | undefined {
    const envelope = envelopeOf(sealed)
    const reply = envelope && this.#sealed.open(envelope, placeOf(place))
    return reply?.ok === true && typeof reply.payload === 'string' ? reply.payload : undefined
  }

  isCurrent(sealed: string): boolean {
    const envelope = envelopeOf(sealed)
    return envelope !== undefined && this.#sealed.isCurrent(envelope)
  }
}

/** `undefined` for what no seal has written: base64url allows several texts for the same bytes. */
function envelopeOf(sealed: string): Buffer | undefined {
  const envelope = Buffer.from(sealed, 'base64url')
  return envelope.toString('base64url') === sealed ? envelope : undefined
}

/** JSON is unambiguous, so that no two places are the same. */
function placeOf(place: ValuePlace): SealedPlace {
  return { key: JSON.stringify(place), format: 0, revision: '', version: undefined, tags: [] }
}

function keyringOf(keys: readonly Uint8Array[]): Keyring {
  if (!Array.isArray(keys) || keys.length === 0 || keys.some((key) => !isSecret(key)))
    throw invalid(`keys must be one or more secrets of ${secretBytes} bytes`)
  const records = keys.map((key: Uint8Array, index): KeyRecord => {
    const state = index === 0 ? 'primary' : 'decrypt-only'
    return { id: derivedKeyId(key), state, createdAt: '', secret: Buffer.from(key) }
  })
  return new Keyring({ salt: Buffer.alloc(0), hashing: Buffer.alloc(secretBytes), keys: records })
}

function isSecret(key: unknown): boolean {
  return key instanceof Uint8Array && key.length === secretBytes
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', `valueSeal: ${message}`)
}
