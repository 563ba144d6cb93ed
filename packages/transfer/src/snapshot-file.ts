import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { CacheError, systemClock, type Clock } from '@cache/core'
import {
  byteLength,
  type CacheVersion,
  type EntryBatch,
  type EntrySource,
  type EntryTarget,
  type PortableEntry,
  type WriteOutcome,
} from './portable-entry.ts'

/** The first line of a snapshot. A new version gets a new number, and old ones stay readable. */
const header = { snapshot: '@cache', version: 1 }
const batchSize = 500

/** One line: an entry with short names, or the end. */
interface Line {
  readonly c: string
  readonly v: number
  readonly k: string
  /** Text, or bytes in base64. */
  readonly p?: string
  readonly b?: string
  readonly f: number
  /** Wall-clock moments; `null` for ever. */
  readonly fresh: number | null
  readonly gone: number | null
  readonly born: number
  readonly load: number
  readonly rev: string
  readonly ver?: number
  readonly tags?: readonly string[]
}

/**
 * A file of entries, one line of JSON each: what a memory backend holds, for a restart or for another backend. Times stand
 * in it by the wall clock. Mode 600, and whole or not at all.
 */
export class SnapshotFile implements EntrySource, EntryTarget {
  readonly #path: string
  readonly #clock: Clock
  #output: FileHandle | undefined
  #written = 0
  #latest: Promise<unknown> = Promise.resolve()

  constructor(path: string, clock: Clock = systemClock) {
    this.#path = path
    this.#clock = clock
  }

  /** @throws CacheError `BACKEND_CORRUPT` when the file is cut short or is something else */
  async count(): Promise<number> {
    let count = 0
    for await (const { entries } of this.batches()) count += entries.length
    return count
  }

  /** @throws CacheError `BACKEND_UNREACHABLE`, `BACKEND_CORRUPT` */
  async *batches(after = '0'): AsyncGenerator<EntryBatch> {
    if (!existsSync(this.#path))
      throw new CacheError('BACKEND_UNREACHABLE', `There is no snapshot ${this.#path}; check its path`)
    const skipped = Number(after)
    let number = 0
    let ended = false
    let batch: { place: CacheVersion; entries: PortableEntry[] } | undefined
    for await (const text of this.#lines()) {
      if (number === 0) this.#checkHeader(text)
      number++
      if (number === 1) continue
      const line = this.#parsed(text)
      if (!('k' in line)) {
        ended = true
        break
      }
      if (number <= skipped) continue
      const isFull = batch && (batch.entries.length >= batchSize || !isSame(batch.place, line))
      if (batch && isFull) yield { ...batch.place, entries: batch.entries, position: String(number - 1) }
      if (!batch || isFull) batch = { place: { cache: line.c, version: line.v }, entries: [] }
      const entry = this.#entry(line)
      if (entry.keptForMs > 0) batch.entries.push(entry)
    }
    if (!ended) throw this.#corrupt('is cut short')
    if (batch) yield { ...batch.place, entries: batch.entries, position: String(number) }
  }

  /** One after the other, in the order of the calls. */
  write(batch: EntryBatch): Promise<WriteOutcome> {
    const writing = this.#latest.then(() => this.#write(batch))
    this.#latest = writing.catch(() => undefined)
    return writing
  }

  async #write({ cache, version, entries }: EntryBatch): Promise<WriteOutcome> {
    this.#output ??= await this.#create()
    const lines = entries.map((entry) => JSON.stringify(this.#line({ cache, version }, entry)))
    if (lines.length > 0) await this.#output.write(`${lines.join('\n')}\n`)
    this.#written += lines.length
    return { written: lines.length, kept: 0 }
  }

  /** What was written is on its way to the file in full, or `write` rejected. */
  async missing(): Promise<number> {
    return 0
  }

  async finish(): Promise<void> {
    const output = (this.#output ??= await this.#create())
    await output.write(`${JSON.stringify({ end: true, entries: this.#written })}\n`)
    await output.sync()
    await output.close()
    this.#output = undefined
    await rename(this.#partial, this.#path)
  }

  async close(): Promise<void> {
    await this.#latest
    if (!this.#output) return
    await this.#output.close()
    this.#output = undefined
    await rm(this.#partial, { force: true })
  }

  get #partial(): string {
    return `${this.#path}.partial`
  }

  async #create(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    const file = await open(this.#partial, 'w', 0o600)
    await file.write(`${JSON.stringify(header)}\n`)
    return file
  }

  #lines(): AsyncIterable<string> {
    return createInterface({
      input: createReadStream(this.#path, 'utf8'),
      crlfDelay: Number.POSITIVE_INFINITY,
    })
  }

  #checkHeader(text: string): void {
    const found = this.#parsed(text) as unknown as Partial<typeof header>
    if (found.snapshot !== header.snapshot) throw this.#corrupt('is no snapshot of caches')
    if (found.version !== header.version) throw this.#corrupt('is of a newer version; update @cache/core')
  }

  #parsed(text: string): Line | { readonly end: true } {
    try {
      return JSON.parse(text) as Line
    } catch {
      throw this.#corrupt('is damaged')
    }
  }

  #corrupt(fault: string): CacheError {
    return new CacheError('BACKEND_CORRUPT', `The snapshot ${this.#path} ${fault}`)
  }

  #line({ cache, version }: CacheVersion, entry: PortableEntry): Line {
    const nowMs = this.#clock.wallMs()
    return {
      c: cache,
      v: version,
      k: entry.key,
      ...(typeof entry.payload === 'string'
        ? { p: entry.payload }
        : { b: Buffer.from(entry.payload).toString('base64') }),
      f: entry.format,
      fresh: moment(nowMs + entry.freshForMs),
      gone: moment(nowMs + entry.keptForMs),
      born: nowMs - entry.ageMs,
      load: entry.loadMs,
      rev: entry.revision,
      ...(entry.version === undefined ? {} : { ver: entry.version }),
      ...(entry.tags.length === 0 ? {} : { tags: entry.tags }),
    }
  }

  #entry(line: Line): PortableEntry {
    const nowMs = this.#clock.wallMs()
    const payload = line.b === undefined ? (line.p ?? '') : Uint8Array.from(Buffer.from(line.b, 'base64'))
    return {
      key: line.k,
      payload,
      format: line.f,
      sizeBytes: byteLength(payload),
      freshForMs: remaining(line.fresh, nowMs),
      keptForMs: remaining(line.gone, nowMs),
      ageMs: Math.max(0, nowMs - line.born),
      loadMs: line.load,
      revision: line.rev,
      version: line.ver,
      tags: line.tags ?? [],
    }
  }
}

function moment(ms: number): number | null {
  return ms === Number.POSITIVE_INFINITY ? null : ms
}

function remaining(untilMs: number | null, nowMs: number): number {
  return untilMs === null ? Number.POSITIVE_INFINITY : untilMs - nowMs
}

function isSame(place: CacheVersion, line: Line): boolean {
  return place.cache === line.c && place.version === line.v
}
