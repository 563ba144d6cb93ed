import type { TestServer } from '@cache/tooling-servers'

/** What became of one contender. */
export interface Outcome {
  /** Whether it did what a user would expect. */
  readonly ok: boolean
  /** What it did, in a few words. */
  readonly what: string
}

/** What a contender is given; all of it is removed afterwards. */
export interface Place {
  /** A server of its own, started when it is first asked for. */
  readonly server: () => Promise<TestServer>
  readonly directory: string
}

export type Run = (place: Place) => Promise<Outcome>

/** One way in which caches go wrong, tried with ours and with those that did. */
export interface Trial {
  /** In the order of the README's table. */
  readonly id: string
  /** What should happen. */
  readonly title: string
  readonly ours: Run
  /** By the name of their package in this workspace. */
  readonly peers: Readonly<Record<string, Run>>
  /** Where it was seen, and can't be shown here; with the reason. */
  readonly absent?: string | undefined
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}

/** A promise and its ends: holds a load where a trial wants it. */
export function gate(): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>()
}
