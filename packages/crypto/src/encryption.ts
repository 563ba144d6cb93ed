import { ProtectionWithKeys, type KeyedProtection } from './keyed-protection.ts'
import { encryptionSettings, type EncryptionOptions } from './protection-options.ts'

/**
 * Encrypts the entries of sensitive caches with AES-256-GCM, hashes their keys, and signs the entries of caches with
 * `values.signed`. For `createCaches({ protection })`.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the start of the caches rejects with `KEY_UNAVAILABLE`
 */
export function encryption(options: EncryptionOptions): KeyedProtection {
  return new ProtectionWithKeys('encryption', true, encryptionSettings(options))
}
