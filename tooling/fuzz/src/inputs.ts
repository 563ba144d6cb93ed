import type { Random } from '@cache/conformance'
import { mutated } from '../../../packages/crypto/bench/mutations.ts'

/** What breaks readers of text: ends, escapes, numbers beyond what numbers hold, and names that objects have already. */
const awkward = [
  '',
  '\0',
  '\n',
  '"',
  '\\',
  '\\u0000',
  '\\u005f_proto__',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '%',
  '%25',
  '*',
  '?',
  ' ',
  '-0',
  '1e999',
  '9007199254740993',
  'NaN',
  'null',
  '__proto__',
  'constructor',
  '\u{1F600}',
  '\uD800',
  'é',
  '\u202E',
  'A'.repeat(300),
] as const

/** A copy of the bytes that is certainly another one, changed in one to four places. */
export function mutatedBytes(bytes: Uint8Array, random: Random): Buffer {
  let result: Buffer = Buffer.from(bytes)
  for (let change = random.below(4); change >= 0; change--)
    result = mutated(result.length === 0 ? Buffer.of(0) : result, (limit) => random.below(Math.max(1, limit)))
  return result
}

/** A text with pieces put in, left out or doubled. */
export function mutatedText(text: string, random: Random): string {
  let result = text
  for (let change = random.below(4); change >= 0; change--) {
    const from = random.below(result.length + 1)
    const to = from + random.below(Math.min(20, result.length - from) + 1)
    const pieces = [awkwardText(random), '', result.slice(from, to).repeat(2)]
    result = result.slice(0, from) + (pieces[random.below(pieces.length)] ?? '') + result.slice(to)
  }
  return result
}

export function awkwardText(random: Random): string {
  return Array.from({ length: random.below(5) }, () => awkward[random.below(awkward.length)] ?? '').join('')
}

export function randomBytesOf(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(most + 1) }, () => random.below(256)))
}

/** A value of nested plain data and of what JSON cannot carry. */
export function randomValue(random: Random, depth = 0): unknown {
  const leaf = [
    () => awkwardText(random),
    () => random.below(2 ** 31) - 2 ** 30,
    () => [Number.NaN, -0, Number.POSITIVE_INFINITY, 5e-324][random.below(4)],
    () => null,
    () => undefined,
    () => BigInt(random.below(2 ** 31)) ** 3n,
    () => new Date(random.below(2 ** 31) * 1000),
    () => randomBytesOf(random, 40),
    () => Float64Array.of(random.below(9), -0.1),
  ]
  const nest = [
    () => Array.from({ length: random.below(5) }, () => randomValue(random, depth + 1)),
    () => new Map(Array.from({ length: random.below(4) }, (_, key) => [key, randomValue(random, depth + 1)])),
    () => new Set(Array.from({ length: random.below(4) }, () => awkwardText(random))),
    () =>
      Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [
          `k${awkwardText(random)}`,
          randomValue(random, depth + 1),
        ]),
      ),
  ]
  const choices = depth > 4 ? leaf : [...leaf, ...nest]
  return choices[random.below(choices.length)]?.()
}
