import type { Payload } from './backend.ts'

/**
 * Turns values into payloads and back. `decode(encode(v))` must equal `v` in value and in types, or `encode`
 * must throw.
 */
export interface Codec {
  /** Stored with each entry, 16–255; an entry with another codec's id is a miss. Never reuse one. */
  readonly id: number
  readonly name: string
  encode(value: unknown): Payload
  /** Throws on a payload it did not write. The result is the caller's own. */
  decode(payload: Payload): unknown
}
