import { expect, it } from 'vitest'
import { keyText, type CacheKey } from '../../src/keys/cache-key.ts'
import { KeyTexts } from '../../src/keys/key-texts.ts'

it('remembered texts are those of their keys, however many there are and whenever they are asked for', () => {
  const texts = new KeyTexts()
  const keys: CacheKey[] = ['plain', 'a:b', 'a%3Ab', '', ['a:b', 1], ['a', 'b'], 7, true]
  const expected = keys.map(keyText)
  expect(keys.map((key) => texts.of(key))).toEqual(expected)
  for (let key = 0; key < 40_000; key++) if (texts.of(`k:${key}`) !== `k%3A${key}`) expect.fail(`k:${key}`)
  expect(keys.map((key) => texts.of(key))).toEqual(expected)
})
