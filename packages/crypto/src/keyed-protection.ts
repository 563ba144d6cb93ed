import {
  CacheError,
  type CacheProtection,
  type Protection,
  type ProtectionScope,
  type ProtectionStart,
} from '@cache/core'
import { DerivedKeys } from './derived-keys.ts'
import { KeyHasher } from './key-hasher.ts'
import { KeyManager, type Keys } from './keyring/key-manager.ts'
import type { Keyring } from './keyring/keyring.ts'
import type { ProtectionSettings } from './protection-options.ts'
import { RandomBytes } from './random-bytes.ts'
import { Scratch } from './scratch.ts'
import { SealedCache } from './sealed-cache.ts'

/** A protection, and the keys that it works with. */
export interface KeyedProtection extends Protection {
  readonly keys: Keys
}

/** Implements {@link KeyedProtection}. */
export class ProtectionWithKeys implements KeyedProtection {
  readonly name: string
  readonly confidential: boolean
  readonly keys: KeyManager
  readonly #settings: ProtectionSettings
  readonly #random = new RandomBytes()
  readonly #scratch = new Scratch()
  readonly #hashers: KeyHasher[] = []
  #derived: DerivedKeys | undefined

  constructor(name: string, confidential: boolean, settings: ProtectionSettings) {
    this.name = name
    this.confidential = confidential
    this.#settings = settings
    this.keys = new KeyManager(settings)
  }

  async start(context: ProtectionStart): Promise<void> {
    const { clock, report } = context
    const mayCreate = (): Promise<void> => this.#refuseLostKeys(context)
    const keyring = await this.keys.start({ clock, report, mayCreate })
    await this.#claim(keyring, context)
    this.#derived = new DerivedKeys(this.#settings.limits, clock, this.#random)
  }

  forCache(scope: ProtectionScope): CacheProtection {
    const { keyring } = this.keys
    if (!this.#derived) throw new CacheError('KEY_UNAVAILABLE', 'createCaches starts the protection first')
    if (scope.mode === 'encrypt' && !this.confidential)
      throw new CacheError('INVALID_OPTION', `${this.name} signs and does not encrypt; use encryption()`)
    const hashingKey = keyring.hashingKey(scope.prefix, scope.cache)
    const hasher = new KeyHasher(hashingKey)
    hashingKey.fill(0)
    this.#hashers.push(hasher)
    const parts = { keys: this.keys, derived: this.#derived, random: this.#random, scratch: this.#scratch }
    return new SealedCache(parts, scope, hasher)
  }

  async close(): Promise<void> {
    this.keys.close()
    this.#derived?.clear()
    for (const hasher of this.#hashers) hasher.wipe()
  }

  /** Before new keys are made: whether the backend holds entries that need others. */
  async #refuseLostKeys({ readInstallation }: ProtectionStart): Promise<void> {
    if (this.#settings.mayReplace) return
    const { description } = this.#settings.source
    const known = await readInstallation().catch((cause: unknown) => {
      throw new CacheError(
        'KEY_UNAVAILABLE',
        `${description} does not exist, and the backend cannot say whether it holds entries that need it; start again when it can`,
        { cause },
      )
    })
    if (known === undefined) return
    throw new CacheError(
      'KEY_UNAVAILABLE',
      `${description} does not exist, and the backend holds entries that were sealed with it; restore it, or give them up with lostKey: 'replace'`,
    )
  }

  /** Notes in the backend whose entries it holds from now on. */
  async #claim({ installation }: Keyring, context: ProtectionStart): Promise<void> {
    const { report, readInstallation, writeInstallation } = context
    const { description } = this.#settings.source
    let known: string | undefined
    try {
      known = await readInstallation()
    } catch (error) {
      report('the backend could not say whose entries it holds', error)
      return
    }
    if (known === installation) return
    const fault = `the backend holds entries that were sealed with other keys than those of ${description}`
    if (known !== undefined && !this.#settings.mayReplace)
      throw new CacheError(
        'KEY_UNAVAILABLE',
        `${fault}; give the keys that belong to them, or give the entries up with lostKey: 'replace'`,
      )
    if (known !== undefined) report(`${fault}; they are misses from now on`)
    await writeInstallation(installation).catch((error: unknown) => {
      report('the backend could not note whose entries it holds', error)
    })
  }
}
