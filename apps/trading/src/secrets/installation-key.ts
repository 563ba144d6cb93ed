import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { valueSeal, type ValueSeal } from '@cache/crypto'

const keyBytes = 32
const saltBytes = 16

/** What a derived key is for; each purpose has a key of its own. */
export type KeyPurpose =
  | 'broker-token'
  | 'api-key'
  | 'session-cookie'
  | 'csrf'
  | 'webhook'
  | 'webhook-call'
  | 'telegram-code'
  | 'feed-ticket'

/** The secret of this installation: a random key and a random salt, from which every other key is derived. */
export class InstallationKey {
  readonly #key: Buffer
  readonly #salt: Buffer

  constructor(secret: Buffer) {
    this.#key = secret.subarray(0, keyBytes)
    this.#salt = secret.subarray(keyBytes)
  }

  derive(purpose: KeyPurpose): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, this.#salt, `cache-trading-app/${purpose}`, keyBytes))
  }
}

/**
 * Reads the key file, or makes it on first use, readable by its owner only.
 *
 * @throws if the file holds something else: a new key in its place would make what is sealed unreadable for good.
 */
export function installationKey(path: string): InstallationKey {
  const secret = readSecret(path) ?? makeSecret(path)
  if (secret?.length === keyBytes + saltBytes) return new InstallationKey(secret)
  throw new Error(
    `${path} is not a key file of this app; restore it from a backup; or remove it, then sign in, connect the broker and make API keys again`,
  )
}

function readSecret(path: string): Buffer | undefined {
  try {
    const secret = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
    chmodSync(path, 0o600)
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Instances that share the file may start at one time: it appears whole or not at all, and the first one counts. */
function makeSecret(path: string): Buffer | undefined {
  const secret = randomBytes(keyBytes + saltBytes)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${secret.toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
  return readSecret(path)
}

/** A hash that nobody without the key can compute or compare with guesses. */
export type KeyedHash = (text: string) => string

export function keyedHash(key: Buffer): KeyedHash {
  return (text) => createHmac('sha256', key).update(text).digest('base64url')
}

/** What seals the secrets of one purpose for the database. */
export function sealOf(key: InstallationKey, purpose: KeyPurpose): ValueSeal {
  return valueSeal({ purpose, keys: [key.derive(purpose)] })
}
