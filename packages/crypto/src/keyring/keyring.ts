import type { KeyObject } from 'node:crypto'
import { CacheError } from '@cache/core'
import { derive, installationId, takeSecret } from './derive.ts'
import type { KeyInfo, KeyMaterial, KeyRecord } from './key-material.ts'

/** A key that may open, and its secret. */
export interface UsableKey {
  readonly id: string
  readonly idBytes: Buffer
  readonly secret: KeyObject
}

/** The keys of an installation as one moment knows them. Immutable. */
export class Keyring {
  readonly primary: UsableKey
  /** Tells installations apart; public. */
  readonly installation: string
  readonly salt: Buffer
  readonly #hashing: KeyObject
  readonly #usable: ReadonlyMap<string, UsableKey>
  readonly #infos: readonly KeyInfo[]

  /**
   * Takes the secrets out of the material and overwrites them there.
   *
   * @throws CacheError `KEY_UNAVAILABLE` without exactly one primary key
   */
  constructor(material: KeyMaterial) {
    const usable = material.keys.filter(isUsable).map(usableKey)
    const primaries = material.keys.filter(({ state }) => state === 'primary')
    const primary = usable.find(({ id }) => id === primaries[0]?.id)
    if (!primary || primaries.length !== 1)
      throw new CacheError('KEY_UNAVAILABLE', 'A keyring needs exactly one primary key')
    this.primary = primary
    this.installation = installationId(material)
    this.salt = material.salt
    this.#hashing = takeSecret(material.hashing)
    this.#usable = new Map(usable.map((key) => [key.id, key]))
    this.#infos = material.keys.map(({ id, state, createdAt }) => ({ id, state, createdAt }))
    for (const { secret } of material.keys) secret?.fill(0)
  }

  /** A key that may open; `undefined` for one that is unknown, disabled or destroyed. */
  find(id: string): UsableKey | undefined {
    return this.#usable.get(id)
  }

  list(): readonly KeyInfo[] {
    return this.#infos
  }

  /** The key that keys of a cache's entries are hashed with; to be overwritten after use. */
  hashingKey(prefix: string, cache: string): Buffer {
    const detail = JSON.stringify([prefix, cache])
    return derive(this.#hashing, this.salt, { purpose: 'hash-keys', detail, bytes: 32 })
  }
}

function isUsable({ state }: KeyRecord): boolean {
  return state === 'primary' || state === 'pending' || state === 'decrypt-only'
}

function usableKey({ id, secret }: KeyRecord): UsableKey {
  if (!secret) throw new CacheError('KEY_UNAVAILABLE', `The key ${id} has no secret`)
  return { id, idBytes: Buffer.from(id, 'hex'), secret: takeSecret(secret) }
}
