import { createHash } from 'node:crypto'

/** The same number for the same text, everywhere; below 2^31, as clients expect of an id. */
export function textHash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() >>> 1
}
