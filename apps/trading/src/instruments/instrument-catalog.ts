import { stat } from 'node:fs/promises'

import {
  type ImportOutcome,
  type Instrument,
  SymbolIndex,
  SymbolIndexError,
  type SymbolIndexStatistics,
} from '@cache/symbol-index'

import type { Caches } from '@cache/core'
import { type SharedSymbols, shareSymbols } from '@cache/symbol-index/sharing'

import type { BrokerMaster } from '../broker/broker-adapter.ts'
import type { FileStamp, ImportLog } from './import-log.ts'
import type { ImportSummary, MasterFault, MasterProgress, MasterStatus } from './master-status.ts'

export interface CatalogParts {
  readonly log: ImportLog
  /** Where the set in use is kept for the next run. */
  readonly snapshotPath: string
  readonly onError: (error: unknown, message: string) => void
}

/** The instruments that can be traded: kept over restarts, replaced whole or not at all. */
export class InstrumentCatalog {
  readonly #parts: CatalogParts
  readonly #index = new SymbolIndex()
  readonly #listeners = new Set<(status: MasterStatus) => void>()
  readonly #closing = new AbortController()
  #restored: Promise<void> | undefined
  #restoring = false
  #importing: Promise<void> | undefined
  #progress: MasterProgress | undefined
  #fault: MasterFault | undefined
  #lastImport: ImportSummary | undefined
  #shared: SharedSymbols | undefined

  constructor(parts: CatalogParts) {
    this.#parts = parts
  }

  get index(): SymbolIndex {
    return this.#index
  }

  get statistics(): SymbolIndexStatistics {
    return this.#index.statistics()
  }

  get status(): MasterStatus {
    const { size, countByExchange, source, current } = this.#index.statistics()
    return {
      phase: this.#phase(size),
      instruments: size,
      countByExchange,
      source,
      importedAtMs: current?.importedAtMs,
      progress: this.#progress,
      fault: this.#fault,
      lastImport: this.#lastImport,
    }
  }

  get(symbol: string, exchange: string): Instrument | undefined {
    return this.#index.get(symbol, exchange)
  }

  /**
   * Has the same instruments as every other instance on these caches: what one of them imports is swapped to by all, and
   * kept by each for its next start.
   */
  async share(caches: Caches): Promise<void> {
    this.#index.on('swap', ({ origin }) => {
      if (origin === 'import') return
      this.#changed()
      if (this.#shared !== undefined) void this.#save()
    })
    this.#shared = await shareSymbols(this.#index, { caches, name: 'instruments' })
  }

  /** Calls the listener at each change of the status; the function returned ends that. */
  subscribe(listener: (status: MasterStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Takes up the master kept from an earlier run. Happens once; later calls wait for the first. */
  restore(): Promise<void> {
    this.#restored ??= this.#restore()
    return this.#restored
  }

  /**
   * Imports a master in the background; what comes of it is in the status. While one import runs, another is not
   * begun: the promise is then that of the first.
   */
  import(master: BrokerMaster, options: { readonly force?: boolean } = {}): Promise<void> {
    this.#importing ??= Promise.resolve()
      .then(() => this.#import(master, options.force ?? false))
      .finally(() => {
        this.#importing = undefined
        this.#progress = undefined
        this.#changed()
      })
    return this.#importing
  }

  /** Whether the latest import read this very file. */
  async holds(path: string): Promise<boolean> {
    await this.restore()
    const [kept, now] = await Promise.all([this.#parts.log.latestFile(), stampOf(path)])
    const same = kept?.path === now?.path && kept?.sizeBytes === now?.sizeBytes
    return this.#index.size > 0 && kept !== undefined && same && kept.modifiedAtMs === now?.modifiedAtMs
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#listeners.clear()
    await Promise.all([this.#restored, this.#importing, this.#shared?.close()])
  }

  #phase(size: number): MasterStatus['phase'] {
    if (this.#importing !== undefined) return 'importing'
    if (this.#restoring) return 'restoring'
    return size > 0 ? 'ready' : 'empty'
  }

  async #restore(): Promise<void> {
    this.#restoring = true
    this.#changed()
    try {
      const isKept = (await stampOf(this.#parts.snapshotPath)) !== undefined
      if (isKept) await this.#index.loadSnapshot(this.#parts.snapshotPath)
    } catch (error) {
      const message = `The kept master can't be used: ${textOf(error)} Download it again.`
      this.#fault = { message, canForce: false }
      this.#parts.onError(error, message)
    } finally {
      this.#restoring = false
      this.#changed()
    }
  }

  async #import(master: BrokerMaster, force: boolean): Promise<void> {
    this.#fault = undefined
    this.#show({ label: master.label, rowsRead: 0, expectedRows: master.expectedRows })
    try {
      await this.restore()
      const file = typeof master.source === 'string' ? await stampOf(master.source) : undefined
      const outcome = await this.#index.import(master.source, {
        label: master.label,
        force: force || this.#index.statistics().source !== master.label,
        signal: this.#closing.signal,
        onProgress: ({ rowsRead }) =>
          this.#show({ label: master.label, rowsRead, expectedRows: master.expectedRows }),
      })
      this.#lastImport = summaryOf(outcome)
      await this.#keep(outcome, file)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const canForce = error instanceof SymbolIndexError && error.code === 'ROW_COUNT_OUT_OF_TOLERANCE'
      this.#fault = { message: `${textOf(error)} ${this.#whatStays()}`, canForce }
      this.#parts.onError(error, 'A master was refused')
    }
  }

  async #keep({ report }: ImportOutcome, file: FileStamp | undefined): Promise<void> {
    try {
      await this.#shared?.publish()
    } catch (error) {
      this.#parts.onError(error, 'Other instances could not be told of the new master')
    }
    if (await this.#save()) await this.#parts.log.add(report, file)
  }

  async #save(): Promise<boolean> {
    try {
      await this.#index.saveSnapshot(this.#parts.snapshotPath)
      return true
    } catch (error) {
      const message = `The new master is in use, but could not be kept for the next start: ${textOf(error)}`
      this.#fault = { message, canForce: false }
      this.#parts.onError(error, message)
      return false
    }
  }

  #whatStays(): string {
    const { size } = this.#index
    if (size === 0) return 'There is no earlier master to fall back on.'
    return `The ${size.toLocaleString('en-IN')} instruments from before stay in use.`
  }

  #show(progress: MasterProgress): void {
    this.#progress = progress
    this.#changed()
  }

  #changed(): void {
    const { status } = this
    for (const listener of this.#listeners) listener(status)
  }
}

function summaryOf({ report, difference }: ImportOutcome): ImportSummary {
  return {
    label: report.source,
    rowsKept: report.rowsKept,
    rowsRejected: report.rejected.total,
    rejected: report.rejected.first
      .slice(0, 5)
      .map(({ line, reason, detail }) => `line ${line}: ${reason}${detail === '' ? '' : ` (${detail})`}`),
    added: difference?.added.total,
    removed: difference?.removed.total,
    elapsedMs: report.elapsedMs,
  }
}

async function stampOf(path: string): Promise<FileStamp | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats && { path, sizeBytes: stats.size, modifiedAtMs: Math.floor(stats.mtimeMs) }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
