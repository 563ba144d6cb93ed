import type { ServerKind } from '@cache/tooling-servers'

/** The bound B that reads are held against. */
export const withinMs = 500

/** For the time between two looks at the clock, in one process and in another. */
export const slackMs = 2

/** Keys that are only invalidated, and keys that one process writes through. */
export const invalidatedKeys = 60
export const writtenKeys = 12
export const keyCount: number = invalidatedKeys + writtenKeys

export const tagCount = 4

/** A command may take this long, and may be carried out for as long after its caller has given it up. */
export const commandTimeoutMs = 500

/** A call that has not settled by then hangs: the loader's hard timeout and every fault are much shorter. */
export const hungAfterMs = 20_000

/** Reads of each client, at an even rate; after a moment in which it could not, it makes up for so many at most. */
export const readsPerMs = 2
export const tickMs = 8
export const readsPerTick = 400

/** The mean time between two changes of a client, and the share of reads that are done naively too. */
export const writeEveryMs = 150
export const naiveShare = 0.04

/** What a client process is started with. */
export interface ClientPlan {
  readonly index: number
  readonly clients: number
  readonly kind: ServerKind
  /** The server under test, through a proxy of the client's own. */
  readonly url: string
  /** The source of truth, which nothing ever happens to. */
  readonly truthUrl: string
  /** Whether it hears messages; otherwise it only asks. */
  readonly hears: boolean
  readonly seed: number
}

export function keyName(key: number): string {
  return `k${key}`
}

/** Half of the invalidated keys carry a tag. */
export function tagOf(key: number): string | undefined {
  return key < invalidatedKeys && key % 2 === 0 ? `t${(key / 2) % tagCount}` : undefined
}

export function keysWithTag(tag: string): number[] {
  return Array.from({ length: invalidatedKeys }, (_, key) => key).filter((key) => tagOf(key) === tag)
}
