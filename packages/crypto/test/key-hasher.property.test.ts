import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyHasher } from '../src/key-hasher.ts'
import { secret } from './support.ts'

const expected = (key: Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url')

it('is HMAC-SHA-256', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(fc.string({ unit: 'binary', maxLength: 5000 }), { minLength: 1, maxLength: 4 }),
      (key, texts) => {
        const hasher = new KeyHasher(key)
        for (const text of texts) expect(hasher.hash(text)).toBe(expected(key, text))
      },
    ),
  )
})

it.each(['k', 'ä', '€', '😀'])(
  'is so for "%s" of any length, short ones after long ones too',
  (character) => {
    const hasher = new KeyHasher(secret(1))
    for (const length of [0, 1, 1024, 2047, 2048, 2049, 2070, 5000, 6143, 6144, 6145, 20_000, 1]) {
      const text = character.repeat(length)
      expect(hasher.hash(text)).toBe(expected(secret(1), text))
    }
  },
)
