import type { BackendCapabilities, CacheBackend } from '@cache/core'

/** What is being tested, and how to make one. */
export interface BackendHarness {
  readonly name: string
  /** What the backend declares; a case compares. Cases that need more than this are not run. */
  readonly capabilities: BackendCapabilities
  /** What its stores declare as `payloads`. */
  readonly payloads: 'live' | 'encoded'
  /**
   * `'injected'`: takes its time from the clock it is started with, so that cases need not wait.
   * `'real'`: has a clock of its own, so that cases wait, and those about days do not run.
   */
  readonly time: 'injected' | 'real'
  /** Its stores run steps: they declare `step`. Default `false`. */
  readonly steps?: boolean | undefined
  /** Its fixtures have `lose`. Default `false`. */
  readonly loses?: boolean | undefined
  /** Makes an empty backend that shares nothing with any other; it is not started. */
  create(): Promise<BackendFixture>
}

/** A backend of one case. */
export interface BackendFixture {
  readonly backend: CacheBackend
  /** A second backend over the same storage, as another process has. Required unless `shared` is `'process'`. */
  second?(): Promise<CacheBackend>
  /** The storage opened anew after `backend` was closed. Required where `persistent`. */
  reopen?(): Promise<CacheBackend>
  /** A backend over storage that has lost everything; called after `backend` was closed. Required where `loses`. */
  lose?(): Promise<CacheBackend>
  /** Called after all backends of the fixture were closed. */
  cleanup(): Promise<void>
}
