/** Where the tiers of a contender meet. */
export interface Place {
  readonly redisUrl: string
  /** For stores that are files. */
  readonly directory: string
}

/** What is stored: the number of the write that made it, in a value of about 200 bytes. */
export interface Versioned {
  readonly version: number
  readonly text: string
}

/** Since the start of a contender. */
export interface TieredCounts {
  /** Reads that the memory of the process did not answer. */
  readonly past: number
  /** Questions to the store for what changed. */
  readonly syncs: number
}

/** A tier in this process over a store that other processes write to. */
export interface TieredContender {
  get(key: string): Promise<unknown>
  set(key: string, value: Versioned): Promise<unknown>
  /** What it counts itself. Without it each read past this process is one command to the server. */
  counts?(): TieredCounts
  close(): Promise<unknown>
}

export type OpenTiered = (place: Place) => Promise<TieredContender>

export const entries = 10_000

/** The bound that reads are held against, for all contenders. */
export const boundMs = 1000

export const ttlMs = 600_000

export function keyOf(index: number): string {
  return `NSE-EQ-${String(index).padStart(7, '0')}`
}

export function valueOf(version: number): Versioned {
  return { version, text: 'x'.repeat(180) }
}
