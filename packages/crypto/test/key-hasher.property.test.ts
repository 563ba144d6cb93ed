import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyHasher } from '../src/key-hasher.ts'

it('is HMAC-SHA-256', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(fc.string({ unit: 'binary', maxLength: 5000 }), { minLength: 1, maxLength: 4 }),
      (key, texts) => {
        const hasher = new KeyHasher(key)
        for (const text of texts)
          expect(hasher.hash(text)).toBe(createHmac('sha256', key).update(text).digest('base64url'))
      },
    ),
  )
})
