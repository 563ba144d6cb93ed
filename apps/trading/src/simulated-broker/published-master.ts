import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { SymbolIndex, syntheticMaster } from '@cache/symbol-index'

import { BrokerError, type BrokerInstrument } from '../broker/broker-adapter.ts'
import type { BrokerKey } from '../broker/broker-key.ts'
import { strikeAnchor } from '../instruments/price-anchor.ts'
import { readTicks } from './tick-replay.ts'

const syntheticRows = 142_338
const addedTokensFrom = 99_000_000

export interface PublishedMasterOptions {
  /** A broker's file; without it an invented market. */
  readonly file: string | undefined
  /** A recording whose instruments an invented market is to hold. */
  readonly ticksFile: string | undefined
  readonly directory: string
  readonly onError: (error: unknown) => void
}

/** The master as it is published. */
export interface MasterDownload {
  readonly label: string
  readonly bytes: AsyncIterable<Uint8Array>
  readonly expectedRows: number | undefined
}

/** The instruments that the broker deals in: published whole, and found by exchange, token and symbol. */
export class PublishedMaster {
  readonly #options: PublishedMasterOptions
  readonly #index = new SymbolIndex()
  #loaded: Promise<void> | undefined
  #earlier: Promise<SymbolIndex> | undefined

  constructor(options: PublishedMasterOptions) {
    this.#options = options
  }

  download(): MasterDownload {
    const { file } = this.#options
    if (file !== undefined)
      return { label: basename(file), bytes: createReadStream(file), expectedRows: undefined }
    return { label: 'invented market', bytes: this.#invented(), expectedRows: syntheticRows }
  }

  /**
   * The instrument of this key; the master is read when the first is asked for.
   *
   * @throws BrokerError `NO_SUCH_INSTRUMENT`
   */
  async require(key: BrokerKey): Promise<BrokerInstrument> {
    const instrument = await this.find(key)
    if (instrument !== undefined) return instrument
    throw new BrokerError('NO_SUCH_INSTRUMENT', `The broker's master holds no ${key[2]} in ${key[0]}`)
  }

  /** Also what only the master before this one held: positions outlive masters. */
  async find([exchange, token, symbol]: BrokerKey): Promise<BrokerInstrument | undefined> {
    await this.load()
    const byToken = this.#index.getByToken(token, exchange)
    const found = byToken?.symbol === symbol ? byToken : this.#index.get(symbol, exchange)
    if (found !== undefined) return found.toJSON()
    this.#earlier ??= this.#loadEarlier()
    return (await this.#earlier).get(symbol, exchange)?.toJSON()
  }

  anchor(underlying: string): number | undefined {
    return strikeAnchor(this.#index, underlying)
  }

  /**
   * Takes up what an earlier run has read, unless the file is another one; otherwise reads it. Happens once. A file that
   * can't be read is published as it is, and holds no instrument.
   */
  load(): Promise<void> {
    this.#loaded ??= this.#load().catch(this.#options.onError)
    return this.#loaded
  }

  async #load(): Promise<void> {
    const snapshot = join(this.#options.directory, await this.#snapshotName())
    const kept = await this.#index.loadSnapshot(snapshot).catch(() => undefined)
    if (kept !== undefined) return
    const { label, bytes } = this.download()
    await this.#index.import(bytes, { label, force: true })
    await this.#index.saveSnapshot(snapshot)
    const [, , ...older] = await this.#snapshots()
    await Promise.all(older.map((path) => rm(path, { force: true })))
  }

  async #loadEarlier(): Promise<SymbolIndex> {
    const index = new SymbolIndex()
    const present = await this.#snapshotName().catch(() => '')
    const earlier = (await this.#snapshots()).find((path) => basename(path) !== present)
    if (earlier !== undefined) await index.loadSnapshot(earlier).catch(this.#options.onError)
    return index
  }

  /** The newest first. */
  async #snapshots(): Promise<string[]> {
    const { directory } = this.#options
    const names = (await readdir(directory)).filter((name) => /^broker-symbols-.*\.snapshot$/.test(name))
    const dated = await Promise.all(
      names.map(async (name) => ({
        path: join(directory, name),
        atMs: (await stat(join(directory, name))).mtimeMs,
      })),
    )
    return dated.sort((left, right) => right.atMs - left.atMs).map(({ path }) => path)
  }

  /** Names what was read, so that another file is read anew; an invented market, from day to day. */
  async #snapshotName(): Promise<string> {
    const { file, ticksFile } = this.#options
    if (file === undefined) {
      const day = new Date().toISOString().slice(0, 10)
      return `broker-symbols-${ticksFile === undefined ? day : `${day}-ticks`}.snapshot`
    }
    const { size, mtimeMs } = await stat(file)
    return `broker-symbols-${size}-${Math.floor(mtimeMs)}.snapshot`
  }

  async *#invented(): AsyncGenerator<Uint8Array> {
    const { ticksFile } = this.#options
    if (ticksFile === undefined) return yield* syntheticMaster({ rows: syntheticRows })
    const added = Buffer.from(`${JSON.stringify(await recordedRows(ticksFile)).slice(0, -1)},`)
    let first = true
    for await (const chunk of syntheticMaster({ rows: syntheticRows })) {
      if (first) yield added
      yield first ? chunk.subarray(1) : chunk
      first = false
    }
    return undefined
  }
}

const cashFields = {
  expiry: '',
  strike: '-1.000000',
  lotsize: '1',
  instrumenttype: '',
  tick_size: '5.000000',
}

/** A row in Angel One's form for each share of a recording. */
async function recordedRows(ticksFile: string): Promise<object[]> {
  const symbols = new Set<string>()
  for await (const { symbol, exchange } of readTicks(ticksFile)) symbols.add(`${exchange}:${symbol}`)
  return [...symbols].map((place, at) => {
    const [exch_seg = '', name = ''] = place.split(':')
    const symbol = exch_seg === 'NSE' ? `${name}-EQ` : name
    const token = String(addedTokensFrom + at)
    return Object.assign({ token, symbol, name, exch_seg }, cashFields)
  })
}
