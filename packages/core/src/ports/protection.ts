import type { Payload } from './backend.ts'

/** What a protected payload is bound to: it opens in no other place. */
export interface ProtectionContext {
  readonly prefix: string
  readonly cache: string
  readonly version: number
  /** The stored key, hashed where the cache is sensitive. */
  readonly key: string
  readonly format: number
}

/** Times and identity that are sealed in, so that an entry cannot be re-dated. */
export interface SealedFacts {
  readonly wallMs: number
  readonly freshForMs: number
  readonly keptForMs: number
  readonly revision: string
}

/** Why a sealed payload did not open. */
export type OpenRefusal =
  /** Not an envelope of ours, or altered, moved or forged. */
  | 'forged'
  /** Sealed with a key that this process does not have; nothing is deleted. */
  | 'unknown-key'
  /** Past the times sealed in. */
  | 'expired'

export type OpenReply =
  | { readonly ok: true; readonly payload: Payload; readonly facts: SealedFacts }
  | { readonly ok: false; readonly reason: OpenRefusal }

/** Encrypts or signs payloads and hashes the keys of sensitive caches. Synchronous: a seal costs microseconds. */
export interface Protection {
  readonly name: string
  /** The payload is unreadable without the key (encryption), not only signed. */
  readonly confidential: boolean
  /** Loads or makes its keys; called once. */
  start(): Promise<void>
  seal(payload: Payload, context: ProtectionContext, facts: SealedFacts): Uint8Array
  open(envelope: Uint8Array, context: ProtectionContext): OpenReply
  /** A keyed hash of a secret-bearing key: the same in every process of the installation, useless without the key. */
  hashKey(key: string, context: { readonly prefix: string; readonly cache: string }): string
  close(): Promise<void>
}
