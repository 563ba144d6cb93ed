import { CacheError, type Clock, type Timer } from '@cache/core'
import { newKey } from './key-file.ts'
import type { KeyInfo, KeyMaterial, KeyRecord, KeyState } from './key-material.ts'
import type { KeySource } from './key-source.ts'
import { Keyring } from './keyring.ts'

/** How an operator manages the keys. Each change is in the source before it resolves; other processes follow. */
export interface Keys {
  /** Without secrets. */
  list(): readonly KeyInfo[]
  /**
   * Makes a key that opens and does not seal yet, for a rotation in two steps: promote it once every process has it.
   * Resolves with its id.
   *
   * @throws CacheError `KEY_UNAVAILABLE`, as all that follow
   */
  add(): Promise<string>
  /** Seals with this key from now on; the one before only opens. */
  promote(id: string): Promise<void>
  /** `add` and `promote`: processes that do not have the key yet see misses until they reload, and then have it. */
  rotate(): Promise<string>
  /** Takes a key out of use, to be enabled again: its entries are misses. */
  disable(id: string): Promise<void>
  /** A disabled key opens again. */
  enable(id: string): Promise<void>
  /** Forgets a key's secret for good. */
  destroy(id: string): Promise<void>
  /** Loads the keys anew; it is done from time to time anyway, and when an entry needs a key that is not here. */
  reload(): Promise<void>
}

export interface KeyManagerOptions {
  readonly source: KeySource
  readonly refreshMs: number
}

/** What the manager needs from its owner. */
export interface KeyManagerStart {
  readonly clock: Clock
  readonly report: (message: string, error?: unknown) => void
  /** Whether new keys may be made, because nothing needs lost ones. Rejects with `KEY_UNAVAILABLE`. */
  readonly mayCreate: () => Promise<void>
}

/** The shortest time between two reloads that missing keys ask for. */
const reloadPauseMs = 1000

/** Holds the keyring, keeps it up to date and changes it. */
export class KeyManager implements Keys {
  readonly #options: KeyManagerOptions
  #start: KeyManagerStart | undefined
  #keyring: Keyring | undefined
  #timer: Timer | undefined
  #loading: Promise<void> | undefined
  #loadedMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: KeyManagerOptions) {
    this.#options = options
  }

  /** @throws CacheError `KEY_UNAVAILABLE` */
  async start(start: KeyManagerStart): Promise<Keyring> {
    const { source } = this.#options
    this.#start = start
    let material = await source.load(start.report)
    if (!material) {
      await start.mayCreate()
      material = await source.create?.(new Date(start.clock.wallMs()).toISOString())
    }
    if (!material) throw new CacheError('KEY_UNAVAILABLE', `${source.description} gives no key`)
    const keyring = this.#take(material)
    this.#arm()
    return keyring
  }

  /** @throws CacheError `KEY_UNAVAILABLE` before the start and after the end */
  get keyring(): Keyring {
    if (this.#keyring) return this.#keyring
    throw new CacheError('KEY_UNAVAILABLE', 'The keys are not loaded: createCaches starts the protection')
  }

  /** An entry was sealed with a key that is not here: looks whether it has come. */
  noticeMissing(): void {
    if (this.#started().clock.monotonicMs() - this.#loadedMs < reloadPauseMs) return
    void this.reload().catch(() => undefined)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#keyring = undefined
  }

  list(): readonly KeyInfo[] {
    return this.keyring.list()
  }

  async add(): Promise<string> {
    const key = newKey('pending', this.#now())
    // The source overwrites it: the id is all that is left of it here.
    await this.#change(({ keys, ...rest }) => ({ ...rest, keys: [...keys, key] }))
    return key.id
  }

  async promote(id: string): Promise<void> {
    await this.#changeState(id, ['pending', 'decrypt-only'], (key) => {
      if (key.id === id) return { ...key, state: 'primary' }
      return key.state === 'primary' ? { ...key, state: 'decrypt-only' } : key
    })
  }

  async rotate(): Promise<string> {
    const id = await this.add()
    await this.promote(id)
    return id
  }

  async disable(id: string): Promise<void> {
    await this.#changeState(id, ['pending', 'decrypt-only'], only(id, 'disabled'))
  }

  async enable(id: string): Promise<void> {
    await this.#changeState(id, ['disabled'], only(id, 'decrypt-only'))
  }

  async destroy(id: string): Promise<void> {
    await this.#changeState(id, ['pending', 'decrypt-only', 'disabled'], (key) =>
      key.id === id ? { ...key, state: 'destroyed', secret: undefined } : key,
    )
  }

  reload(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #load(): Promise<void> {
    const { clock, report } = this.#started()
    this.#loadedMs = clock.monotonicMs()
    try {
      const material = await this.#options.source.load(report)
      if (material && !this.#closed) this.#take(material)
    } catch (error) {
      report(
        `the keys could not be loaded anew, and those from before stay in use: ${messageOf(error)}`,
        error,
      )
      throw error
    }
  }

  #take(material: KeyMaterial): Keyring {
    const keyring = new Keyring(material)
    if (this.#keyring && this.#keyring.installation !== keyring.installation)
      throw new CacheError(
        'KEY_UNAVAILABLE',
        `${this.#options.source.description} gives the keys of another installation`,
      )
    // The same keyring as long as it says the same, so that what was derived from it stays.
    if (!this.#keyring || !isSame(this.#keyring.list(), keyring.list())) this.#keyring = keyring
    return this.#keyring
  }

  #arm(): void {
    const { refreshMs } = this.#options
    if (this.#closed || refreshMs === Number.POSITIVE_INFINITY) return
    this.#timer = this.#started().clock.setTimer(refreshMs, () => {
      void this.reload()
        .catch(() => undefined)
        .finally(() => this.#arm())
    })
  }

  async #changeState(
    id: string,
    from: readonly KeyState[],
    edit: (key: KeyRecord) => KeyRecord,
  ): Promise<void> {
    await this.#change(({ keys, ...rest }) => {
      const state = keys.find((key) => key.id === id)?.state
      if (state === undefined || !from.includes(state))
        throw new CacheError(
          'KEY_UNAVAILABLE',
          `The key ${id} is ${state ?? 'unknown'}; it must be ${from.join(' or ')}`,
        )
      return { ...rest, keys: keys.map(edit) }
    })
  }

  async #change(edit: (material: KeyMaterial) => KeyMaterial): Promise<void> {
    const { source } = this.#options
    this.#started()
    if (!source.change)
      throw new CacheError(
        'KEY_UNAVAILABLE',
        `The keys come from ${source.description}; change them there, then reload`,
      )
    this.#take(await source.change(edit))
  }

  #now(): string {
    return new Date(this.#started().clock.wallMs()).toISOString()
  }

  #started(): KeyManagerStart {
    if (this.#start && !this.#closed) return this.#start
    throw new CacheError(
      'KEY_UNAVAILABLE',
      'The protection is not in use: createCaches starts it, and close ends it',
    )
  }
}

function only(id: string, state: KeyState): (key: KeyRecord) => KeyRecord {
  return (key) => (key.id === id ? { ...key, state } : key)
}

function isSame(one: readonly KeyInfo[], other: readonly KeyInfo[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
