import { textHash } from '../text-hash.ts'

/** A number in [0, 1) that a text always gives. */
export function unit(text: string): number {
  return textHash(text) / 2 ** 32
}
