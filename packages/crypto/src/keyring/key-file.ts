import { randomBytes } from 'node:crypto'
import { CacheError } from '@cache/core'
import { checksum } from './derive.ts'
import { keyStates, secretBytes, type KeyMaterial, type KeyRecord } from './key-material.ts'

/** The keys of a new installation: one, primary. */
export function newMaterial(createdAt: string): KeyMaterial {
  return {
    salt: randomBytes(secretBytes),
    hashing: randomBytes(secretBytes),
    keys: [newKey('primary', createdAt)],
  }
}

export function newKey(state: KeyRecord['state'], createdAt: string): KeyRecord {
  return { id: randomBytes(8).toString('hex'), state, createdAt, secret: randomBytes(secretBytes) }
}

/** The text of a key file. The checksum tells damage from a change of keys; it protects against nobody. */
export function writeKeyFile(material: KeyMaterial): Buffer {
  const keys = material.keys.map(({ secret, ...info }) => ({ ...info, secret: secret?.toString('base64') }))
  const body = {
    format: 'cache-keyring',
    version: 1,
    salt: material.salt.toString('base64'),
    hashing: material.hashing.toString('base64'),
    keys,
  }
  const sum = checksum(JSON.stringify(body))
  return Buffer.from(`${JSON.stringify({ ...body, checksum: sum }, undefined, 2)}\n`)
}

/**
 * The keys of a key file.
 *
 * @throws CacheError `KEY_UNAVAILABLE` when it is cut short, damaged or of a later version; it is never replaced then
 */
export function readKeyFile(bytes: Buffer, path: string): KeyMaterial {
  const file = parsed(bytes)
  if (!isRecord(file) || file['format'] !== 'cache-keyring') throw damaged(path)
  if (file['version'] !== 1)
    throw new CacheError(
      'KEY_UNAVAILABLE',
      `The key file ${path} was written by a later version of @cache/crypto`,
    )
  const { checksum: sum, ...body } = file
  const { keys } = body
  if (sum !== checksum(JSON.stringify(body)) || !Array.isArray(keys)) throw damaged(path)
  return {
    salt: secretOf(body['salt'], path),
    hashing: secretOf(body['hashing'], path),
    keys: keys.map((key) => recordOf(key, path)),
  }
}

function recordOf(key: unknown, path: string): KeyRecord {
  if (!isRecord(key)) throw damaged(path)
  const { id, state, createdAt, secret } = key
  const known = keyStates.find((name) => name === state)
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id) || !known || typeof createdAt !== 'string')
    throw damaged(path)
  return { id, state: known, createdAt, secret: known === 'destroyed' ? undefined : secretOf(secret, path) }
}

function secretOf(text: unknown, path: string): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
  if (bytes?.length === secretBytes) return bytes
  throw damaged(path)
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function damaged(path: string): CacheError {
  return new CacheError(
    'KEY_UNAVAILABLE',
    `The key file ${path} is cut short or damaged; restore it from a backup, or move it away and accept that what was sealed with it is lost`,
  )
}
