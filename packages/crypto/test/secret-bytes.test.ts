import { Decipheriv } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { encryption } from '../src/index.ts'
import { KeyHasher } from '../src/key-hasher.ts'
import { takeSecret } from '../src/keyring/derive.ts'
import { RandomBytes } from '../src/random-bytes.ts'
import { Scratch } from '../src/scratch.ts'
import { makeDirectory, place, sealing, secret, started, times } from './support.ts'

/** Short enough for the room that texts share, and too long for it. */
const texts = ['a broker token: ä', 'ä'.repeat(70_000)]

describe('what a secret text is written to', () => {
  it.each(texts)('holds the text while it is used, and zeros afterwards', (text) => {
    const seen: Buffer[] = []
    const result = new Scratch().withText(text, (bytes) => {
      seen.push(bytes)
      return bytes.toString('utf8') === text
    })
    expect(result).toBe(true)
    expect(seen[0]?.length).toBe(Buffer.byteLength(text))
    expect(seen[0]?.every((byte) => byte === 0)).toBe(true)
  })

  it.each(texts)('holds zeros also when its use failed', (text) => {
    const seen: Buffer[] = []
    const failing = (bytes: Buffer): never => {
      seen.push(bytes)
      throw new Error('the cipher failed')
    }
    expect(() => new Scratch().withText(text, failing)).toThrow('the cipher failed')
    expect(seen[0]?.every((byte) => byte === 0)).toBe(true)
  })
})

describe('what was decrypted', () => {
  const text = 'a broker token'

  it('is overwritten when its text was made of it', async () => {
    const cache = await sealing()
    const envelope = cache.seal(text, place, times)
    const decrypted = vi.spyOn(Decipheriv.prototype, 'update')
    expect(cache.open(envelope, place)).toMatchObject({ ok: true, payload: text })
    expect(decrypted.mock.results.map(({ value }) => value)).toEqual([Buffer.alloc(text.length)])
  })

  it('is overwritten when the envelope turns out to be forged', async () => {
    const cache = await sealing()
    const envelope = cache.seal(text, place, times)
    const decrypted = vi.spyOn(Decipheriv.prototype, 'update')
    expect(cache.open(envelope, { ...place, key: 'another' })).toEqual({ ok: false, reason: 'forged' })
    expect(decrypted.mock.results.map(({ value }) => value)).toEqual([Buffer.alloc(text.length)])
  })
})

describe('the bytes of a key file', () => {
  it('are overwritten once they were written or read', async () => {
    const directory = await makeDirectory()
    const probe = await open(join(directory, 'probe'), 'w')
    const handles = Object.getPrototypeOf(probe) as FileHandle
    await probe.close()
    const written = vi.spyOn(handles, 'writeFile')
    const read = vi.spyOn(handles, 'read')
    const protection = await started(encryption({ keyFile: join(directory, '.cache_key') }))
    await protection.keys.rotate()
    const all = [...written.mock.calls, ...read.mock.calls].map(([bytes]) => bytes as unknown as Buffer)
    expect(written.mock.calls.length).toBeGreaterThanOrEqual(3)
    expect(read.mock.calls.length).toBeGreaterThanOrEqual(3)
    expect(all.filter((bytes) => bytes.length < 100 || bytes.some((byte) => byte !== 0))).toEqual([])
  })
})

describe('random bytes', () => {
  it('never come twice, also over the end of what is fetched at a time', () => {
    const random = new RandomBytes()
    const target = Buffer.alloc(10_000 * 12)
    for (let at = 0; at < target.length; at += 12) random.copyTo(target, at, 12)
    const values = new Set(
      Array.from({ length: 10_000 }, (_, index) => target.toString('hex', index * 12, index * 12 + 12)),
    )
    expect(values.size).toBe(10_000)
    expect(values).not.toContain('0'.repeat(24))
  })

  it('go to their place and nowhere else', () => {
    const target = Buffer.alloc(64)
    new RandomBytes().copyTo(target, 20, 16)
    expect(target.subarray(0, 20).equals(Buffer.alloc(20))).toBe(true)
    expect(target.subarray(36).equals(Buffer.alloc(28))).toBe(true)
  })
})

it('a secret that became a key object is overwritten where it was', () => {
  const bytes = Buffer.from(secret(1))
  expect(takeSecret(bytes).export()).toEqual(Buffer.from(secret(1)))
  expect(bytes.equals(Buffer.alloc(32))).toBe(true)
})

it('a hasher that was wiped knows its key no more', () => {
  const [hasher, without] = [new KeyHasher(secret(1)), new KeyHasher(Buffer.alloc(32))]
  const before = hasher.hash('k')
  hasher.wipe()
  expect(hasher.hash('k')).not.toBe(before)
  // Neither half of the key is left: the hash is that of zeros alone, whatever the key was.
  const other = new KeyHasher(secret(2))
  other.wipe()
  expect(hasher.hash('k')).toBe(other.hash('k'))
  expect(hasher.hash('k')).not.toBe(without.hash('k'))
})
