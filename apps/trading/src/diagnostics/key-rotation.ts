import { type Caches, type Clock, isCacheError, type ResealProgress } from '@cache/core'
import { type KeyedProtection, type KeyInfo, rotateKeys } from '@cache/crypto'

import { RequestFault } from '../server/request-fault.ts'

export interface RotationParts {
  readonly caches: Caches
  readonly protection: KeyedProtection
  readonly clock: Clock
}

/** How a rotation goes, or went. */
export interface RotationStatus {
  /** `stopped` when it was cut short or failed: what is left is made good by going on. */
  readonly phase: 'idle' | 'running' | 'done' | 'stopped'
  readonly progress: ResealProgress | undefined
  readonly startedAtMs: number | undefined
  readonly endedAtMs: number | undefined
  readonly fault: string | undefined
  /** Without their secrets. */
  readonly keys: readonly KeyInfo[]
}

/** Makes new keys for the sensitive caches and seals their entries with them, while they are in use; one at a time. */
export class KeyRotation {
  readonly #parts: RotationParts
  #status: Omit<RotationStatus, 'keys'> = {
    phase: 'idle',
    progress: undefined,
    startedAtMs: undefined,
    endedAtMs: undefined,
    fault: undefined,
  }
  #running: { readonly work: Promise<void>; readonly aborter: AbortController } | undefined

  constructor(parts: RotationParts) {
    this.#parts = parts
  }

  get status(): RotationStatus {
    return { ...this.#status, keys: this.#parts.protection.keys.list() }
  }

  /**
   * Begins one; with `newKey: false` goes on with one that was cut short.
   *
   * @throws RequestFault 409 while one is under way
   */
  begin({ newKey }: { readonly newKey: boolean }): RotationStatus {
    if (this.#running !== undefined) throw new RequestFault(409, 'Keys are being rotated already')
    const { caches, protection, clock } = this.#parts
    const aborter = new AbortController()
    const onProgress = (progress: ResealProgress): void => void (this.#status = { ...this.#status, progress })
    const options = { signal: aborter.signal, onProgress }
    this.#status = { ...this.#status, phase: 'running', progress: undefined, startedAtMs: clock.wallMs() }
    const work = (newKey ? rotateKeys(caches, protection, options) : caches.reseal(options)).then(
      (progress) => this.#end('done', progress, undefined),
      (error: unknown) => this.#end('stopped', this.#status.progress, faultOf(error)),
    )
    this.#running = { work, aborter }
    return this.status
  }

  /** Cuts short what is under way. */
  async close(): Promise<void> {
    this.#running?.aborter.abort()
    await this.#running?.work
  }

  #end(phase: 'done' | 'stopped', progress: ResealProgress | undefined, fault: string | undefined): void {
    this.#running = undefined
    this.#status = { ...this.#status, phase, progress, fault, endedAtMs: this.#parts.clock.wallMs() }
  }
}

function faultOf(error: unknown): string {
  return isCacheError(error) ? error.message : 'The rotation failed; the log tells more'
}
