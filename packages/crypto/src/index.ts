export { encryption } from './encryption.ts'
export { signing } from './signing.ts'
export { rotateKeys, type RotateOptions, type RotateResult } from './rotate-keys.ts'
export { valueSeal, type ValuePlace, type ValueSeal, type ValueSealOptions } from './value-seal.ts'
export type { KeyedProtection } from './keyed-protection.ts'
export type { EncryptionOptions, KeyOptions, SigningOptions } from './protection-options.ts'
export type { Keys } from './keyring/key-manager.ts'
export type { KeyInfo, KeyState } from './keyring/key-material.ts'
export type { GivenKeys } from './keyring/given-source.ts'

// For packages that keep secrets of their own.
export { KeyHasher } from './key-hasher.ts'
export { createSecureFile, readSecureFile, replaceSecureFile } from './keyring/secure-file.ts'
