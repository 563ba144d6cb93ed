import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { copyFile, chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encryption, type KeyedProtection } from '../src/index.ts'
import { makeDirectory, place, scope, started, times } from './support.ts'

/** A key file of the first format, of all states. It is never changed: a later version must start with it. */
const golden = join(import.meta.dirname, 'golden', 'key-file-v1.json')

interface KeyFile {
  readonly salt: string
  readonly hashing: string
  readonly keys: readonly { readonly id: string; readonly state: string; readonly createdAt: string }[]
  readonly checksum: string
}

const file = JSON.parse(await readFile(golden, 'utf8')) as KeyFile
const [salt, hashing] = [Buffer.from(file.salt, 'base64'), Buffer.from(file.hashing, 'base64')]

/** A copy with the mode that a key file must have. */
async function copy(): Promise<string> {
  const path = join(await makeDirectory(), '.cache_key')
  await copyFile(golden, path)
  await chmod(path, 0o600)
  return path
}

async function starting(path: string, noted: string[] = []): Promise<KeyedProtection> {
  const writeInstallation = async (installation: string): Promise<void> => void noted.push(installation)
  return started(encryption({ keyFile: path }), { writeInstallation })
}

describe('the golden key file', () => {
  it('says which keys there are', async () => {
    const { keys } = await starting(await copy())
    expect(keys.list()).toEqual(file.keys.map(({ id, state, createdAt }) => ({ id, state, createdAt })))
  })

  it('hashes keys, and names its installation, as docs/security.md describes', async () => {
    const noted: string[] = []
    const cache = (await starting(await copy(), noted)).forCache(scope)
    const derived = (purpose: string, bytes: number): Buffer =>
      Buffer.from(hkdfSync('sha256', hashing, salt, `@cache/crypto 1 ${purpose}`, bytes))
    const key = derived(`hash-keys ${JSON.stringify([scope.prefix, scope.cache])}`, 32)
    expect(cache.hashKey('k')).toBe(createHmac('sha256', key).update('k').digest('base64url'))
    expect(noted).toEqual([derived('installation ', 16).toString('hex')])
  })

  it('seals with its primary key', async () => {
    const cache = (await starting(await copy())).forCache(scope)
    const envelope = Buffer.from(cache.seal('v', place, times))
    expect(envelope.toString('hex', 4, 12)).toBe(file.keys.find(({ state }) => state === 'primary')?.id)
  })

  it('is written by this version too: a change leaves the rest as it was, and the checksum is right', async () => {
    const path = await copy()
    const { keys } = await starting(path)
    await keys.disable('00112233445566cc')
    const changed = JSON.parse(await readFile(path, 'utf8')) as KeyFile
    const wanted = file.keys.map((key) =>
      key.id === '00112233445566cc' ? { ...key, state: 'disabled' } : key,
    )
    expect(changed).toEqual({ ...file, keys: wanted, checksum: changed.checksum })
    const { checksum, ...body } = changed
    expect(checksum).toBe(createHash('sha256').update(JSON.stringify(body)).digest('base64'))
  })
})
