import { isDeepStrictEqual } from 'node:util'
import { valueFormat } from '@cache/core'
import { decodeValue, encodeValue } from '../../../packages/core/src/codec/value-format.ts'
import { awkwardText, mutatedBytes, mutatedText, randomBytesOf, randomValue } from './inputs.ts'
import { expectTrue, unlessRefused, type Target } from './target.ts'

/** What is written is what is read. */
export const values: Target = {
  name: 'values',
  run: (random) =>
    unlessRefused(() => {
      const value = randomValue(random)
      const { payload, format } = encodeValue(value)
      expectTrue(
        isDeepStrictEqual(decodeValue(payload, format, undefined), value),
        'a value came back as another',
      )
    }),
}

/** Payloads that somebody changed in the store: refused, or read as a value that can be stored again. */
export const payloads: Target = {
  name: 'payloads',
  run: (random) =>
    unlessRefused(() => {
      const { payload, format } = encodeValue(randomValue(random))
      const changed =
        typeof payload === 'string' ? mutatedText(payload, random) : mutatedBytes(payload, random)
      const formats = [format, ...Object.values(valueFormat), random.below(256)]
      const choices = [changed, awkwardText(random), randomBytesOf(random, 200)]
      const chosen = formats[random.below(formats.length)] ?? format
      const value = decodeValue(choices[random.below(3)] ?? changed, chosen, undefined)
      expectTrue(Object.keys(Object.prototype).length === 0, 'the prototype of all objects was changed')
      expectTrue(!isPolluted(value), 'a value has a prototype that was stored')
    }),
}

function isPolluted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== null && typeof prototype === 'object' && !('constructor' in prototype)
}
