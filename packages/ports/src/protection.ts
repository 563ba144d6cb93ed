import type { Payload } from './backend.ts'
import type { Clock } from './clock.ts'

/** What sealing does to the payloads of a cache. */
export type SealMode =
  /** Unreadable without the key, and bound to their place. */
  | 'encrypt'
  /** Readable, and bound to their place. */
  | 'sign'

/** The cache that payloads are sealed for: they open for no other. */
export interface ProtectionScope {
  readonly prefix: string
  readonly cache: string
  /** The cache's schema version. */
  readonly version: number
  readonly mode: SealMode
}

/** What the entry says about a sealed payload. It opens only where all of it is as it was when it was sealed. */
export interface SealedPlace {
  /** The stored key, hashed where the cache is sensitive. */
  readonly key: string
  /** How the payload is to be decoded. */
  readonly format: number
  readonly revision: string
  /** The source's own version of the value. */
  readonly version: number | undefined
  /** In any order. */
  readonly tags: readonly string[]
}

/** Times that are sealed in, so that an entry cannot be re-dated; the stored ones may change, but only to end earlier. */
export interface SealedTimes {
  /** When it was sealed. */
  readonly wallMs: number
  /** From then on; `Infinity` for ever. */
  readonly freshForMs: number
  readonly keptForMs: number
}

/** Why a sealed payload did not open. */
export type OpenRefusal =
  /** Not an envelope of ours, or altered, moved or forged. */
  | 'forged'
  /** Sealed with a key that this process does not have or may not use; nothing is deleted. */
  | 'unknown-key'

export type OpenReply =
  | { readonly ok: true; readonly payload: Payload; readonly times: SealedTimes }
  | { readonly ok: false; readonly reason: OpenRefusal }

/** Seals the payloads of one cache. Synchronous: it costs microseconds. */
export interface CacheProtection {
  /** The result is the caller's own. `payload` is not kept. */
  seal(payload: Payload, place: SealedPlace, times: SealedTimes): Uint8Array
  /** The opened payload is the caller's own, who may overwrite it. Never throws on an envelope, whatever it holds. */
  open(envelope: Uint8Array, place: SealedPlace): OpenReply
  /** Whether it is sealed with the key that new envelopes are sealed with. */
  isCurrent(envelope: Uint8Array): boolean
  /** A keyed hash of a secret-bearing key: the same in every process of the installation, useless without the key. */
  hashKey(key: string): string
}

/** What the engine gives a protection at its start. */
export interface ProtectionStart {
  readonly clock: Clock
  /** For facts an operator should see: a key from the environment, a key file in a directory that others may change. */
  readonly report: (message: string, error?: unknown) => void
  /**
   * The id of the installation whose entries the backend holds; `undefined` where it holds none. Rejects when the
   * backend cannot say.
   */
  readonly readInstallation: () => Promise<string | undefined>
  readonly writeInstallation: (id: string) => Promise<void>
}

/** Encrypts or signs the payloads of caches. */
export interface Protection {
  readonly name: string
  /** It can encrypt, and not only sign. */
  readonly confidential: boolean
  /**
   * Loads or makes its keys; called once, after the backend was started.
   *
   * @throws CacheError `KEY_UNAVAILABLE`
   */
  start(context: ProtectionStart): Promise<void>
  /** Called after the start, once for each cache. */
  forCache(scope: ProtectionScope): CacheProtection
  /** Idempotent; forgets its keys, and nothing of it runs afterwards. */
  close(): Promise<void>
}
