import { createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto'

/** What a derived key is for; no two purposes share one. */
export type Purpose = 'encrypt' | 'sign' | 'hash-keys' | 'key-id' | 'installation'

/**
 * HKDF-SHA-256 (RFC 5869) for one purpose.
 *
 * @param detail tells keys of one purpose apart: the key's id, or the cache
 */
export function derive(
  secret: KeyObject | Uint8Array,
  salt: Uint8Array,
  { purpose, detail, bytes }: { readonly purpose: Purpose; readonly detail: string; readonly bytes: number },
): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, `@cache/crypto 1 ${purpose} ${detail}`, bytes))
}

/** A key object of the bytes, which are overwritten. */
export function takeSecret(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

/** The id of a key whose source gives it none: the same in every process, and of no help in finding the key. */
export function derivedKeyId(secret: Uint8Array): string {
  return derive(secret, Buffer.alloc(0), { purpose: 'key-id', detail: '', bytes: 8 }).toString('hex')
}

/** Tells installations apart; public. It stays when keys are rotated. */
export function installationId({
  hashing,
  salt,
}: {
  readonly hashing: Buffer
  readonly salt: Buffer
}): string {
  return derive(hashing, salt, { purpose: 'installation', detail: '', bytes: 16 }).toString('hex')
}

/** SHA-256, for checksums of files. */
export function checksum(text: string): string {
  return hash('sha256', text, 'base64')
}
