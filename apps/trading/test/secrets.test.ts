import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it, onTestFinished } from 'vitest'

import { installationKey, keyedHash } from '../src/secrets/installation-key.ts'
import { TokenSeal } from '../src/secrets/token-seal.ts'
import { hashPassword, passwordMatches } from '../src/users/passwords.ts'

describe('a sealed token', () => {
  const seal = new TokenSeal(randomBytes(32))

  it('opens where it was sealed for', () => {
    expect(seal.open(seal.seal('secret ₹', 'user/1'), 'user/1')).toBe('secret ₹')
  })

  it('opens nowhere else, with no other key, and not when altered', () => {
    const sealed = seal.seal('secret', 'user/1')
    expect(seal.open(sealed, 'user/2')).toBeUndefined()
    expect(new TokenSeal(randomBytes(32)).open(sealed, 'user/1')).toBeUndefined()
    const bytes = Buffer.from(sealed, 'base64url')
    for (let index = 0; index < bytes.length; index++) {
      const altered = Buffer.from(bytes)
      altered[index]! ^= 1
      expect(seal.open(altered.toString('base64url'), 'user/1')).toBeUndefined()
    }
    for (const text of ['', 'x', 'not base64 !']) expect(seal.open(text, 'user/1')).toBeUndefined()
  })

  it('looks different each time', () => {
    expect(seal.seal('secret', 'a')).not.toBe(seal.seal('secret', 'a'))
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
