import {
  cacheOperations,
  CacheError,
  keyPattern,
  onCacheEvent,
  type AuditEvent,
  type AuditManner,
  type AuditStart,
  type AuditTrail,
  type CacheOperation,
  type FailureEvent,
  type Timer,
} from '@cache/core'
import { auditSettings, type AuditOptions, type AuditSettings } from './audit-options.ts'
import { AuditFiles } from './audit-files.ts'

/** Records are written when this many bytes wait, or after a second. */
const flushBytes = 1_048_576
const flushMs = 1000

/**
 * Records the calls of caches in a file that cannot be changed unnoticed. For `createCaches({ security: { audit } })`.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the start of the caches rejects with `KEY_UNAVAILABLE`,
 *   `AUDIT_UNAVAILABLE`, or `INVALID_OPTION` when another process writes the same file
 */
export function auditLog(options: AuditOptions = {}): AuditTrail {
  return new AuditLog(auditSettings(options))
}

/** Implements {@link AuditTrail}. */
class AuditLog implements AuditTrail {
  readonly #settings: AuditSettings
  readonly #isNamed: (cache: string) => boolean
  readonly #recordsReads: (cache: string) => boolean
  readonly #covered = new Set<string>()
  #start: AuditStart | undefined
  #files: AuditFiles | undefined
  #flushing: Promise<void> | undefined
  #next: Promise<void> | undefined
  #timer: Timer | undefined
  #failing = false
  #stopListening = (): void => undefined

  constructor(settings: AuditSettings) {
    this.#settings = settings
    const { caches, reads } = settings
    this.#isNamed = typeof caches === 'string' ? () => caches === 'all' : matcherOf(caches)
    this.#recordsReads = typeof reads === 'boolean' ? () => reads : matcherOf(reads)
  }

  async start(context: AuditStart): Promise<void> {
    if (this.#start)
      throw new CacheError('INVALID_OPTION', 'An audit belongs to one createCaches: give each its own')
    this.#start = context
    try {
      this.#files = await AuditFiles.open(this.#settings, context)
    } catch (error) {
      throw error instanceof CacheError ? error : unavailable(this.#settings.file, error)
    }
    // Its first record shows whether it can be written.
    await this.write([])
    this.#stopListening = onCacheEvent('cache:failure', (event) => this.#noteFailure(event, context.prefix))
  }

  covers(cache: { readonly name: string; readonly sensitive: boolean }): boolean {
    const covered = (this.#settings.caches === 'sensitive' && cache.sensitive) || this.#isNamed(cache.name)
    if (covered) this.#covered.add(cache.name)
    return covered
  }

  manner(operation: CacheOperation): AuditManner {
    const kind = cacheOperations[operation]
    if (kind === 'read' && this.#settings.reads === false) return 'none'
    if (!this.#settings.refuses) return kind === 'end' ? 'before-answer' : 'buffered'
    // While nothing can be written, no call goes on.
    return kind === 'end' || this.#failing ? 'before-call' : 'buffered'
  }

  note(events: readonly AuditEvent[]): void {
    if (!this.#files) return
    for (const event of events) if (!this.#isQuiet(event)) this.#files.add(event)
    if (this.#files.waitingBytes >= flushBytes) void this.#flush().catch(() => undefined)
    else this.#setTimer()
  }

  async write(events: readonly AuditEvent[]): Promise<void> {
    if (!this.#files) throw unavailable(this.#settings.file, new Error('the audit is not open'))
    const loud = events.filter((event) => !this.#isQuietRead(event))
    if (loud.length === 0 && events.length > 0) return
    for (const event of loud) this.#files.add(event)
    try {
      await this.#flush()
    } catch (error) {
      if (this.#settings.refuses) throw unavailable(this.#settings.file, error)
    }
  }

  async close(): Promise<void> {
    const files = this.#files
    this.#stopListening()
    if (!files) return
    await this.#flush().catch(() => undefined)
    this.#files = undefined
    this.#timer?.cancel()
    await files.close()
  }

  /** Whether an event is a read that nobody wants to know of. */
  #isQuiet(event: AuditEvent): boolean {
    const isRead = event.operation === 'load' && event.hit === true && event.outcome === 'done'
    return this.#isQuietRead(event) || (isRead && !this.#recordsReads(event.cache))
  }

  /** The same without loads, which turn out to be reads when they are over. */
  #isQuietRead({ cache, operation, outcome }: AuditEvent): boolean {
    const isRead = cacheOperations[operation] === 'read' && outcome !== 'denied'
    return isRead && !this.#recordsReads(cache)
  }

  /** Writes what waits; calls that come while it does are written together afterwards. */
  #flush(): Promise<void> {
    if (!this.#flushing) {
      this.#flushing = this.#run().finally(() => {
        this.#flushing = undefined
      })
      return this.#flushing
    }
    this.#next ??= this.#flushing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#flush()
      })
    return this.#next
  }

  async #run(): Promise<void> {
    try {
      await this.#files?.flush()
      this.#failing = false
    } catch (error) {
      const { file } = this.#settings
      if (!this.#failing)
        this.#start?.report(`the audit ${file} cannot be written: ${reasonOf(error)}`, error)
      this.#failing = true
      this.#setTimer()
      throw error
    }
  }

  #setTimer(): void {
    this.#timer ??= this.#start?.clock.setTimer(flushMs, () => {
      this.#timer = undefined
      if (this.#files) void this.#flush().catch(() => undefined)
    })
  }

  /** What no caller sees: an entry did not open. */
  #noteFailure({ prefix, cache, code }: FailureEvent, ours: string): void {
    if (prefix !== ours || !this.#covered.has(cache) || !this.#files) return
    if (code !== 'DECRYPTION_FAILED' && code !== 'KEY_UNAVAILABLE') return
    this.#files.addForgery(cache, code)
    this.#setTimer()
  }
}

function unavailable(file: string, cause: unknown): CacheError {
  return new CacheError(
    'AUDIT_UNAVAILABLE',
    `The audit ${file} cannot be written: ${reasonOf(cause)}; make room, or set onFailure: 'continue'`,
    { cause },
  )
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.message : 'unknown'
}

function matcherOf(names: readonly string[]): (cache: string) => boolean {
  const patterns = names.map(keyPattern)
  return (cache) => patterns.some((pattern) => pattern.matches(cache))
}
