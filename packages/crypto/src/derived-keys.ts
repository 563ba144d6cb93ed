import type { KeyObject } from 'node:crypto'
import type { Clock } from '@cache/core'
import { layout } from './envelope.ts'
import { derive, takeSecret } from './keyring/derive.ts'
import type { Keyring, UsableKey } from './keyring/keyring.ts'
import type { RandomBytes } from './random-bytes.ts'

/** A key for a number of messages. */
export interface MessageKey {
  readonly from: UsableKey
  readonly salt: Buffer
  readonly key: KeyObject
  /** Only who knows the key can name it: an envelope opens with the one key that it names. */
  readonly commitment: Buffer
  /** Among the keys that are kept. */
  kept: boolean
}

/**
 * When a derived key gives way to the next. With random nonces of 96 bits, 2^20 messages have two equal nonces with a
 * probability below 2^-57; NIST SP 800-38D asks for 2^-32, which would allow 2^32 messages.
 */
export interface KeyLimits {
  readonly messages: number
  readonly ms: number
}

/** Derived keys for opening that are kept; more are derived again when they are needed. */
const keptKeys = 256

/**
 * The keys that messages are encrypted with. Each is derived from a key of the keyring with a random salt of its own,
 * so that no two processes use one key, and serves a bounded number of messages and time.
 */
export class DerivedKeys {
  readonly #limits: KeyLimits
  readonly #clock: Clock
  readonly #random: RandomBytes
  #keyring: Keyring | undefined
  #current: MessageKey | undefined
  #messages = 0
  #bornMs = 0
  /** By salt, the most recently used last. */
  readonly #kept = new Map<string, MessageKey>()

  constructor(limits: KeyLimits, clock: Clock, random: RandomBytes) {
    this.#limits = limits
    this.#clock = clock
    this.#random = random
  }

  /** The key for one more message. */
  forSealing(keyring: Keyring): MessageKey {
    this.#follow(keyring)
    const nowMs = this.#clock.monotonicMs()
    if (
      !this.#current ||
      this.#messages >= this.#limits.messages ||
      nowMs - this.#bornMs >= this.#limits.ms
    ) {
      const salt = Buffer.alloc(layout.saltBytes)
      this.#random.copyTo(salt, 0, layout.saltBytes)
      this.#current = deriveKey(keyring.primary, salt)
      this.keep(this.#current)
      this.#messages = 0
      this.#bornMs = nowMs
    }
    this.#messages++
    return this.#current
  }

  /**
   * The key with an envelope's salt, if it has opened something; it comes from a key that may open. Salts are random,
   * so that the same one under the id of another key is a forgery, which does not open.
   */
  kept(keyring: Keyring, envelope: Buffer): MessageKey | undefined {
    this.#follow(keyring)
    const name = envelope.toString('latin1', layout.saltAt, layout.saltAt + layout.saltBytes)
    const kept = this.#kept.get(name)
    if (!kept) return undefined
    // The latest in use stay.
    if (this.#kept.size === keptKeys) this.#keepNamed(name, kept)
    return kept
  }

  /** The key that an envelope was encrypted with. */
  derived(from: UsableKey, envelope: Buffer): MessageKey {
    return deriveKey(from, saltOf(envelope))
  }

  /** Keeps a key that has opened something: what was forged is never kept, so that it pushes nothing out. */
  keep(key: MessageKey): void {
    if (!key.kept) this.#keepNamed(key.salt.toString('latin1'), key)
  }

  clear(): void {
    this.#kept.clear()
    this.#current = undefined
  }

  /** A key that was disabled must not go on opening, and a new primary one is to seal. */
  #follow(keyring: Keyring): void {
    if (this.#keyring === keyring) return
    this.clear()
    this.#keyring = keyring
  }

  #keepNamed(name: string, key: MessageKey): void {
    this.#kept.delete(name)
    this.#kept.set(name, key)
    key.kept = true
    if (this.#kept.size <= keptKeys) return
    for (const [oldest, dropped] of this.#kept) {
      dropped.kept = false
      this.#kept.delete(oldest)
      return
    }
  }
}

/** Whether an envelope commits to a key. The commitment is public: comparing it need not take the same time always. */
export function commitsTo(envelope: Buffer, { commitment }: MessageKey): boolean {
  const at = layout.commitmentAt
  return envelope.compare(commitment, 0, layout.commitmentBytes, at, at + layout.commitmentBytes) === 0
}

function deriveKey(from: UsableKey, salt: Buffer): MessageKey {
  const bytes = derive(from.secret, salt, { purpose: 'encrypt', detail: from.id, bytes: 64 })
  const commitment = Buffer.from(bytes.subarray(32))
  return { from, salt, commitment, key: takeSecret(bytes.subarray(0, 32)), kept: false }
}

function saltOf(envelope: Buffer): Buffer {
  return Buffer.from(envelope.subarray(layout.saltAt, layout.saltAt + layout.saltBytes))
}
