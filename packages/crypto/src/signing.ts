import { ProtectionWithKeys, type KeyedProtection } from './keyed-protection.ts'
import { signingSettings, type SigningOptions } from './protection-options.ts'

/**
 * Signs the entries of caches with `values.signed` with HMAC-SHA-256, and hides nothing: a sensitive cache needs
 * `encryption()`, which can sign too. For `createCaches({ protection })`.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the start of the caches rejects with `KEY_UNAVAILABLE`
 */
export function signing(options: SigningOptions): KeyedProtection {
  return new ProtectionWithKeys('signing', false, signingSettings(options))
}
