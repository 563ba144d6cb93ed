import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import type {
  CacheProtection,
  OpenReply,
  Payload,
  ProtectionScope,
  SealedPlace,
  SealedTimes,
} from '@cache/core'
import { AssociatedData } from './associated-data.ts'
import { commitsTo, type DerivedKeys } from './derived-keys.ts'
import { asBuffer, isText, keyIdOf, kindOf, layout, readTimes, suite, writeHeader } from './envelope.ts'
import type { KeyHasher } from './key-hasher.ts'
import { derive, takeSecret } from './keyring/derive.ts'
import type { KeyManager } from './keyring/key-manager.ts'
import type { UsableKey } from './keyring/keyring.ts'
import type { RandomBytes } from './random-bytes.ts'
import type { Scratch } from './scratch.ts'

const algorithm = 'aes-256-gcm'
const forged: OpenReply = { ok: false, reason: 'forged' }
const unknownKey: OpenReply = { ok: false, reason: 'unknown-key' }

/** What all caches of a protection share. */
export interface SealingParts {
  readonly keys: Pick<KeyManager, 'keyring' | 'noticeMissing'>
  readonly derived: DerivedKeys
  readonly random: RandomBytes
  readonly scratch: Scratch
}

/** Seals the payloads of one cache: encrypts them with AES-256-GCM, or signs them with HMAC-SHA-256. */
export class SealedCache implements CacheProtection {
  readonly #parts: SealingParts
  readonly #mode: ProtectionScope['mode']
  readonly #associatedData: AssociatedData
  readonly #hasher: KeyHasher
  /** Keys for signing, for as long as the keys that they are derived from are in use. */
  readonly #signing = new WeakMap<UsableKey, KeyObject>()

  constructor(parts: SealingParts, scope: ProtectionScope, hasher: KeyHasher) {
    this.#parts = parts
    this.#mode = scope.mode
    this.#associatedData = new AssociatedData(scope)
    this.#hasher = hasher
  }

  seal(payload: Payload, place: SealedPlace, times: SealedTimes): Uint8Array {
    const write = (bytes: Buffer): Buffer =>
      this.#mode === 'encrypt'
        ? this.#encrypt(bytes, payload, { place, times })
        : this.#sign(bytes, payload, { place, times })
    if (typeof payload !== 'string') return write(asBuffer(payload))
    return this.#parts.scratch.withText(payload, write)
  }

  open(bytes: Uint8Array, place: SealedPlace): OpenReply {
    const envelope = asBuffer(bytes)
    const kind = kindOf(envelope)
    if (kind === 'later') return unknownKey
    // A mode is not the writer's to choose: what is to be encrypted is never taken signed.
    if (kind !== (this.#mode === 'encrypt' ? 'encrypted' : 'signed')) return forged
    return kind === 'encrypted' ? this.#decrypt(envelope, place) : this.#verify(envelope, place)
  }

  isCurrent(envelope: Uint8Array): boolean {
    const bytes = asBuffer(envelope)
    return kindOf(bytes) === 'none' || keyIdOf(bytes) === this.#parts.keys.keyring.primary.id
  }

  hashKey(key: string): string {
    return this.#hasher.hash(key)
  }

  #encrypt(plain: Buffer, payload: Payload, { place, times }: Binding): Buffer {
    const { keys, derived, random } = this.#parts
    const { from, salt, key, commitment } = derived.forSealing(keys.keyring)
    const tagAt = layout.encryptedHeaderBytes + plain.length
    const envelope = Buffer.allocUnsafe(tagAt + layout.tagBytes)
    writeHeader(envelope, suite.encrypted, payload, { keyId: from.idBytes, times })
    envelope.set(salt, layout.saltAt)
    random.copyTo(envelope, layout.nonceAt, layout.nonceBytes)
    envelope.set(commitment, layout.commitmentAt)
    const cipher = createCipheriv(algorithm, key, nonceOf(envelope))
    cipher.setAAD(this.#associatedData.of(place, envelope, layout.encryptedHeaderBytes))
    envelope.set(cipher.update(plain), layout.encryptedHeaderBytes)
    cipher.final()
    envelope.set(cipher.getAuthTag(), tagAt)
    return envelope
  }

  #decrypt(envelope: Buffer, place: SealedPlace): OpenReply {
    const { keys, derived } = this.#parts
    let messageKey = derived.kept(keys.keyring, envelope)
    if (!messageKey) {
      const from = this.#find(envelope)
      if (!from) return unknownKey
      messageKey = derived.derived(from, envelope)
    }
    if (!commitsTo(envelope, messageKey)) return forged
    const tagAt = envelope.length - layout.tagBytes
    const decipher = createDecipheriv(algorithm, messageKey.key, nonceOf(envelope))
    envelope.copy(tagBytes, 0, tagAt)
    decipher.setAuthTag(tagBytes)
    decipher.setAAD(this.#associatedData.of(place, envelope, layout.encryptedHeaderBytes))
    const plain = decipher.update(envelope.subarray(layout.encryptedHeaderBytes, tagAt))
    try {
      decipher.final()
    } catch {
      plain.fill(0)
      return forged
    }
    derived.keep(messageKey)
    const times = readTimes(envelope)
    if (!isText(envelope)) return { ok: true, payload: plain, times }
    const payload = plain.toString('utf8')
    plain.fill(0)
    return { ok: true, payload, times }
  }

  #sign(plain: Buffer, payload: Payload, { place, times }: Binding): Buffer {
    const { primary } = this.#parts.keys.keyring
    const macAt = layout.signedHeaderBytes + plain.length
    const envelope = Buffer.allocUnsafe(macAt + layout.macBytes)
    writeHeader(envelope, suite.signed, payload, { keyId: primary.idBytes, times })
    envelope.set(plain, layout.signedHeaderBytes)
    envelope.set(this.#mac(envelope, place, primary), macAt)
    return envelope
  }

  #verify(envelope: Buffer, place: SealedPlace): OpenReply {
    const from = this.#find(envelope)
    if (!from) return unknownKey
    const macAt = envelope.length - layout.macBytes
    if (!timingSafeEqual(envelope.subarray(macAt), this.#mac(envelope, place, from))) return forged
    const signed = envelope.subarray(layout.signedHeaderBytes, macAt)
    const payload = isText(envelope) ? signed.toString('utf8') : Buffer.from(signed)
    return { ok: true, payload, times: readTimes(envelope) }
  }

  /** The one key that an envelope names; no other is tried. */
  #find(envelope: Buffer): UsableKey | undefined {
    const { keys } = this.#parts
    const key = keys.keyring.find(keyIdOf(envelope))
    if (!key) keys.noticeMissing()
    return key
  }

  #mac(envelope: Buffer, place: SealedPlace, from: UsableKey): Buffer {
    const signed = envelope.subarray(layout.signedHeaderBytes, envelope.length - layout.macBytes)
    return createHmac('sha256', this.#signingKey(from))
      .update(this.#associatedData.of(place, envelope, layout.signedHeaderBytes))
      .update(signed)
      .digest()
  }

  #signingKey(from: UsableKey): KeyObject {
    const known = this.#signing.get(from)
    if (known) return known
    const { id, secret } = from
    const { salt } = this.#parts.keys.keyring
    const key = takeSecret(derive(secret, salt, { purpose: 'sign', detail: id, bytes: 32 }))
    this.#signing.set(from, key)
    return key
  }
}

/** What a payload is bound to. */
interface Binding {
  readonly place: SealedPlace
  readonly times: SealedTimes
}

/** One place for all nonces, and one for all tags, on their way to a cipher, which copies them. */
const nonceBytes = Buffer.alloc(layout.nonceBytes)
const tagBytes = Buffer.alloc(layout.tagBytes)

/** Valid until the next call. */
function nonceOf(envelope: Buffer): Buffer {
  envelope.copy(nonceBytes, 0, layout.nonceAt, layout.nonceAt + layout.nonceBytes)
  return nonceBytes
}
