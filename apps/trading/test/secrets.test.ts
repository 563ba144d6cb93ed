import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it, onTestFinished } from 'vitest'

import {
  type InstallationKey,
  installationKey,
  keyedHash,
  type KeyPurpose,
  sealOf,
} from '../src/secrets/installation-key.ts'
import { hashPassword, passwordMatches } from '../src/users/passwords.ts'

describe('a secret in the database', () => {
  it('opens for its owner, purpose and installation alone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'cache-trading-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const [key, other] = ['one', 'two'].map((name) => installationKey(join(directory, name)))
    const seal = sealOf(key!, 'broker-token')
    const sealed = seal.seal('secret ₹', ['broker_connections', 'sealed_token', 1])
    const open = (by: InstallationKey, purpose: KeyPurpose, userId: number): string | undefined =>
      sealOf(by, purpose).open(sealed, ['broker_connections', 'sealed_token', userId])
    expect(open(key!, 'broker-token', 1)).toBe('secret ₹')
    expect(open(key!, 'broker-token', 2)).toBeUndefined()
    expect(open(key!, 'webhook', 1)).toBeUndefined()
    expect(open(other!, 'broker-token', 1)).toBeUndefined()
  })
})

describe('the key of an installation', () => {
  it('is made once, for its owner only, and gives each purpose a key of its own', () => {
    const directory = mkdtempSync(join(tmpdir(), 'cache-trading-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'new', '.app_key')
    const key = installationKey(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(installationKey(path).derive('csrf')).toEqual(key.derive('csrf'))
    expect(key.derive('csrf')).not.toEqual(key.derive('api-key'))
    const other = installationKey(join(directory, 'other'))
    expect(keyedHash(other.derive('api-key'))('x')).not.toBe(keyedHash(key.derive('api-key'))('x'))
  })

  it('is one key for processes that start at one time', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cache-trading-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const module = join(import.meta.dirname, '../src/secrets/installation-key.ts')
    const script = `import { installationKey } from ${JSON.stringify(module)}
      process.stdout.write(installationKey(process.argv[1]).derive('csrf').toString('hex'))`
    const args = ['--input-type=module', '-e', script, join(directory, 'app-key')]
    const runs = Array.from({ length: 8 }, () => promisify(execFile)(process.execPath, args))
    const keys = (await Promise.all(runs)).map(({ stdout }) => stdout)
    expect(new Set(keys).size).toBe(1)
    expect(readdirSync(directory)).toEqual(['app-key'])
  })

  it('is not replaced when the file holds something else', () => {
    const directory = mkdtempSync(join(tmpdir(), 'cache-trading-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, '.app_key')
    writeFileSync(path, 'AAAA')
    expect(() => installationKey(path)).toThrow('restore it from a backup')
  })
})

describe('a password', () => {
  it('is hashed with argon2id and checked', async () => {
    const hash = await hashPassword('correct horse')
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await passwordMatches(hash, 'correct horse')).toBe(true)
    expect(await passwordMatches(hash, 'wrong horse')).toBe(false)
    expect(await passwordMatches(undefined, 'nobody has this password')).toBe(false)
  })
})
