import type { SetNotice } from '../events.ts'

/** The set that all members are to use, as it stands in the store. */
export interface Publication extends SetNotice {
  /** Grows by one with each publication; the latest counts, whatever the clocks of the members say. */
  readonly generation: number
  /** Length of the snapshot. */
  readonly bytes: number
  /** What it took the place of: kept for members that are still reading it. */
  readonly before: { readonly hash: string; readonly bytes: number } | undefined
}

const HASH = /^[0-9a-f]{64}$/
const MAX_BYTES = 2 ** 31

/** Whether a value from the store can be used: hashes become file names, and lengths memory. */
export function isPublication(value: unknown): value is Publication {
  if (typeof value !== 'object' || value === null) return false
  const { id, size, importedAtMs, generation, before } = value as Partial<Publication>
  const numbers = [size, importedAtMs, generation].every(Number.isSafeInteger)
  return numbers && typeof id === 'string' && isContent(value) && (before === undefined || isContent(before))
}

function isContent(value: object): boolean {
  const { hash, bytes } = value as Partial<Publication>
  const fits = Number.isSafeInteger(bytes) && Number(bytes) > 0 && Number(bytes) <= MAX_BYTES
  return typeof hash === 'string' && HASH.test(hash) && fits
}
