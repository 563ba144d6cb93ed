import { CacheError } from '@cache/core'

/** What a resource lets in by fencing tokens: one whose lock was lost comes with a lower one than the next holder's. */
export interface TokenGate {
  /** The highest token seen. */
  readonly highest: number
  /**
   * Lets a token in that is not below the highest seen.
   *
   * @throws CacheError `STALE_TOKEN`; `INVALID_VALUE` for what is no token
   */
  enter(token: number): void
}

/**
 * Makes a gate for one resource, which begins at the highest token that the resource has stored. It holds for whoever
 * goes through it: where several processes write to the resource, let the resource check, as the README shows.
 */
export function tokenGate(highest = 0): TokenGate {
  return new Gate(checkedToken(highest))
}

class Gate implements TokenGate {
  highest: number

  constructor(highest: number) {
    this.highest = highest
  }

  enter(token: number): void {
    if (checkedToken(token) < this.highest)
      throw new CacheError(
        'STALE_TOKEN',
        'A later holder of the lock has been here: give up what was to be done',
      )
    this.highest = token
  }
}

/** A token as it came over the wire: digits and nothing else. */
export function parseToken(text: string | undefined): number {
  return checkedToken(/^\d{1,16}$/.test(text ?? '') ? Number(text) : Number.NaN)
}

function checkedToken(token: number): number {
  if (Number.isSafeInteger(token) && token >= 0) return token
  throw new CacheError('INVALID_VALUE', 'A fencing token is a whole number from 0')
}
