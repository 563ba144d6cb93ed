import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@cache/ports'
import type {
  BackendCapabilities,
  BackendContext,
  BackendHealth,
  CacheBackend,
  Clock,
  Eviction,
  StoreOptions,
  Timer,
} from '@cache/ports'
import { CacheFile } from './cache-file.ts'
import { makeLockFile } from './directory-lock.ts'
import { defaultDriver } from './driver.ts'
import { asCacheError, closedError } from './errors.ts'
import { cacheNameOf, fileNameOf } from './file-names.ts'
import { describeHealth } from './health.ts'
import type { OpenPlan } from './open-file.ts'
import type { Settings } from './sqlite-options.ts'
import { SqliteStore } from './sqlite-store.ts'
import { giveBackSpace } from './vacuum.ts'

/** One directory with a file for each cache. */
export class SqliteBackend implements CacheBackend {
  readonly name = 'sqlite'
  readonly capabilities: BackendCapabilities = {
    shared: 'host',
    persistent: true,
    blocking: true,
    transactional: true,
  }
  readonly #settings: Settings
  readonly #files = new Map<string, CacheFile>()
  readonly #stores = new Map<string, SqliteStore>()
  readonly #context = new StartContext()
  #vacuumTimer: Timer | undefined
  #closing: Promise<void> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Makes the directory if there is none, and tries to write there. Files are opened when their caches are first used. */
  async start(context: BackendContext): Promise<void> {
    this.#refuseClosed()
    this.#context.given = context
    const { directory } = this.#settings
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      makeLockFile(directory)
    } catch (error) {
      throw asCacheError(error, directory)
    }
    this.#armVacuum()
  }

  store(options: StoreOptions): SqliteStore {
    this.#refuseClosed()
    const id = `${options.version}:${options.cache}`
    const known = this.#stores.get(id)
    if (known) return known
    const store = new SqliteStore(this.#fileOf(options), options.version)
    this.#stores.set(id, store)
    return store
  }

  async cacheNames(): Promise<readonly string[]> {
    this.#refuseClosed()
    try {
      const names = readdirSync(this.#settings.directory).map(cacheNameOf)
      return names.filter((name) => name !== undefined).sort()
    } catch (error) {
      throw asCacheError(error, this.#settings.directory)
    }
  }

  async health(): Promise<BackendHealth> {
    this.#refuseClosed()
    return describeHealth(this.#settings, [...this.#files.values()])
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#vacuumTimer?.cancel()
    await Promise.all([...this.#files.values()].map((file) => file.close()))
  }

  #fileOf({ cache, maxEntries, maxBytes, onEvict }: StoreOptions): CacheFile {
    const known = this.#files.get(cache)
    if (known) return known
    const { lockTimeoutMs } = this.#settings
    const report = (event: Eviction): void => onEvict(event)
    const limits = { maxEntries, maxBytes }
    const file = new CacheFile({ plan: this.#planOf(cache), limits, lockTimeoutMs, onEvict: report })
    this.#files.set(cache, file)
    return file
  }

  #planOf(cache: string): OpenPlan {
    const { directory, driver, onOpen, durability } = this.#settings
    return {
      path: join(directory, fileNameOf(cache)),
      driver: driver ?? defaultDriver(),
      mayBeEncrypted: driver !== undefined,
      onOpen,
      durability,
      context: this.#context,
    }
  }

  #armVacuum(): void {
    const { vacuumIntervalMs } = this.#settings
    this.#vacuumTimer?.cancel()
    if (vacuumIntervalMs === Number.POSITIVE_INFINITY || this.#closing) return
    this.#vacuumTimer = this.#context.clock.setTimer(vacuumIntervalMs, () => void this.#vacuum())
  }

  async #vacuum(): Promise<void> {
    for (const file of this.#files.values()) {
      await giveBackSpace(file).catch((error: unknown) => {
        if (this.#closing) return
        this.#context.report(
          `Freed space of ${file.path} was not given back; the next interval tries again`,
          error,
        )
      })
    }
    this.#armVacuum()
  }

  #refuseClosed(): void {
    if (this.#closing) throw closedError()
  }
}

/** What `start` is given, for stores that were made before it. */
class StartContext implements BackendContext {
  given: BackendContext = { prefix: '', clock: systemClock, report: () => undefined }

  get prefix(): string {
    return this.given.prefix
  }

  get clock(): Clock {
    return this.given.clock
  }

  get report(): BackendContext['report'] {
    return this.given.report
  }
}
