import { randomUUID } from 'node:crypto'
import { valueFormat, type NewEntry, type Payload } from '@cache/core'

const textEncoder = new TextEncoder()

/** An entry to write: fresh for an hour and kept for two, unless told otherwise. */
export function newEntry(fields: Partial<NewEntry> = {}): NewEntry {
  const payload = fields.payload ?? '"value"'
  return {
    payload,
    format: typeof payload === 'string' ? valueFormat.json : valueFormat.bytes,
    sizeBytes: sizeOf(payload),
    freshForMs: 3_600_000,
    keptForMs: 7_200_000,
    ageMs: 0,
    loadMs: 0,
    revision: randomUUID(),
    version: undefined,
    tags: [],
    ...fields,
  }
}

function sizeOf(payload: unknown): number {
  if (payload instanceof Uint8Array) return payload.byteLength
  return textEncoder.encode(String(payload)).byteLength
}

/** Bytes that no text encoding would leave as they are: every value from 0 to 255, over and over. */
export function allBytes(length: number): Payload {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index)
  return new Uint8Array(Buffer.alloc(length, all))
}
