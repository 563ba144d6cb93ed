import { createCipheriv, hkdfSync } from 'node:crypto'
import type { CacheProtection, ProtectionScope, SealedPlace } from '@cache/core'
import { describe, expect, it } from 'vitest'
import { AssociatedData } from '../src/associated-data.ts'
import { flipped, place, scope, sealing, secret, times } from './support.ts'

const plain = 'broker token 4711'
const modes = ['encrypt', 'sign'] as const

describe.each(modes)('an envelope of mode %s', (mode) => {
  it('opens in its place, with its times', async () => {
    const cache = await sealing(1, { mode })
    const envelope = cache.seal(plain, place, times)
    expect(cache.open(envelope, place)).toEqual({ ok: true, payload: plain, times })
    expect(cache.open(envelope, { ...place, tags: place.tags.toReversed() })).toMatchObject({ ok: true })
  })

  it('does not open with any bit turned, wherever it is', async () => {
    const cache = await sealing(1, { mode })
    const envelope = cache.seal(plain, place, times)
    const reasons = new Set<string>()
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const reply = cache.open(flipped(envelope, bit), place)
      expect(reply.ok).toBe(false)
      if (!reply.ok) reasons.add(reply.reason)
    }
    expect([...reasons].sort()).toEqual(['forged', 'unknown-key'])
  })

  it('does not open when it is cut short or longer', async () => {
    const cache = await sealing(1, { mode })
    const envelope = Buffer.from(cache.seal(plain, place, times))
    for (let length = 0; length < envelope.length; length++)
      expect(cache.open(envelope.subarray(0, length), place)).toEqual({ ok: false, reason: 'forged' })
    const longer = Buffer.concat([envelope, Buffer.alloc(1)])
    expect(cache.open(longer, place)).toEqual({ ok: false, reason: 'forged' })
  })

  it.each<[string, Partial<SealedPlace>]>([
    ['key', { key: 'dXNlcjoy' }],
    ['format', { format: 3 }],
    ['revision', { revision: 'origin.2' }],
    ['version', { version: 8 }],
    ['version, taken away', { version: undefined }],
    ['tags', { tags: ['user:1'] }],
    ['tags, more of them', { tags: [...place.tags, 'user:3'] }],
    ['key and revision, with the border between them moved', { key: 'dXNlcjox"', revision: 'origin.1' }],
  ])('does not open under another %s', async (_, changes) => {
    const cache = await sealing(1, { mode })
    const envelope = cache.seal(plain, place, times)
    expect(cache.open(envelope, { ...place, ...changes })).toEqual({ ok: false, reason: 'forged' })
  })

  it.each<[string, Partial<ProtectionScope>]>([
    ['cache', { cache: 'tokens' }],
    ['namespace', { prefix: 'other' }],
    ['schema version', { version: 2 }],
    ['mode', { mode: mode === 'sign' ? 'encrypt' : 'sign' }],
  ])('does not open in another %s', async (_, changes) => {
    const envelope = (await sealing(1, { mode })).seal(plain, place, times)
    const other = await sealing(1, { mode, ...changes })
    expect(other.open(envelope, place)).toEqual({ ok: false, reason: 'forged' })
  })

  it('is a miss without its key, and a forgery under its key id by another key', async () => {
    const envelope = Buffer.from((await sealing(1, { mode })).seal(plain, place, times))
    const other = await sealing(2, { mode })
    expect(other.open(envelope, place)).toEqual({ ok: false, reason: 'unknown-key' })
    Buffer.from(other.seal(plain, place, times)).copy(envelope, 4, 4, 12)
    expect(other.open(envelope, place)).toEqual({ ok: false, reason: 'forged' })
  })

  it('of a later version is left alone', async () => {
    const cache = await sealing(1, { mode })
    const envelope = cache.seal(plain, place, times)
    envelope[1] = 2
    expect(cache.open(envelope, place)).toEqual({ ok: false, reason: 'unknown-key' })
  })

  it.each([0, 1, 512, 70_000, 16 * 1024 * 1024])('carries %i bytes and as much text', async (length) => {
    const cache = await sealing(1, { mode })
    const bytes = Buffer.alloc(length, 0xa7)
    const text = 'ä'.repeat(length >> 1)
    expect(bytes.equals(opened(cache, cache.seal(bytes, place, times)) as Buffer)).toBe(true)
    expect(opened(cache, cache.seal(text, place, times)) === text).toBe(true)
  })

  it('leaves the payload as it was given', async () => {
    const cache = await sealing(1, { mode })
    const bytes = Buffer.from(plain)
    const envelope = Buffer.from(cache.seal(bytes, place, times))
    const before = Buffer.from(envelope)
    const payload = opened(cache, envelope) as Buffer
    payload.fill(0)
    expect(bytes.toString()).toBe(plain)
    expect(envelope).toEqual(before)
  })
})

describe('encryption', () => {
  it('shows nothing of the payload, the key or the tags, and never the same bytes twice', async () => {
    const cache = await sealing()
    const envelopes = Array.from({ length: 100 }, () => Buffer.from(cache.seal(plain, place, times)))
    for (const envelope of envelopes) {
      expect(envelope.includes('broker')).toBe(false)
      expect(envelope.includes(place.key)).toBe(false)
    }
    const nonces = new Set(envelopes.map((envelope) => envelope.toString('hex', 46, 58)))
    expect(nonces.size).toBe(100)
  })

  it('opens no envelope that names another derived key, even if the key itself made it', async () => {
    const cache = await sealing()
    const envelope = Buffer.from(cache.seal(plain, place, times))
    // The commitment is what keeps one ciphertext from opening under two keys.
    envelope.fill(0, 58, 90)
    const id = envelope.toString('hex', 4, 12)
    const derived = hkdfSync(
      'sha256',
      secret(1),
      envelope.subarray(30, 46),
      `@cache/crypto 1 encrypt ${id}`,
      64,
    )
    const cipher = createCipheriv(
      'aes-256-gcm',
      Buffer.from(derived).subarray(0, 32),
      envelope.subarray(46, 58),
    )
    cipher.setAAD(Buffer.from(new AssociatedData(scope).of(place, envelope, 90)))
    cipher.update(plain)
    cipher.final()
    cipher.getAuthTag().copy(envelope, envelope.length - 16)
    expect(cache.open(envelope, place)).toEqual({ ok: false, reason: 'forged' })
  })
})

function opened(cache: CacheProtection, envelope: Uint8Array): unknown {
  const reply = cache.open(envelope, place)
  return reply.ok ? reply.payload : reply.reason
}

describe('hashed keys', () => {
  it('are the same for the same key, and differ by cache, namespace and installation', async () => {
    const hashes = await Promise.all([
      sealing(1),
      sealing(1, { cache: 'tokens' }),
      sealing(1, { prefix: 'other' }),
      sealing(2),
    ])
    const [one, ...others] = hashes.map((cache) => cache.hashKey('api-key-4711'))
    expect((await sealing(1, { version: 2 })).hashKey('api-key-4711')).toBe(one)
    expect(new Set([one, ...others]).size).toBe(4)
    expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('of a scope are not those of another with the same characters', async () => {
    const a = await sealing(1, { prefix: 'a', cache: 'b:c' })
    const b = await sealing(1, { prefix: 'a', cache: 'b' })
    expect(a.hashKey('x')).not.toBe(b.hashKey('c:x'))
  })
})
