import type { AuditEvent, AuditStart } from '@cache/core'
import type { AuditSettings } from './audit-options.ts'
import { ChainKey, type ChainPosition } from './chain.ts'
import { openState, saveState } from './chain-state.ts'
import { appendCheckpoint, signCheckpoint, type Checkpoint } from './checkpoint.ts'
import { closedFiles, LogFile, removeFile, type ClosedFile } from './log-file.ts'
import { LineBuffer, type TakenLines } from './line-buffer.ts'
import { takeProcessLock } from './process-lock.ts'
import { RecordWriter } from './record-writer.ts'
import { recover } from './recovery.ts'

/** Records that wait for a disk that takes none are given up beyond this. */
const mostWaitingBytes = 8 * 1024 * 1024

interface Parts {
  readonly log: LogFile
  readonly key: ChainKey
  readonly hashing: Buffer
  readonly writer: RecordWriter
  readonly unlock: () => Promise<void>
}

/** The file being written. */
interface OpenFile {
  readonly day: string
  readonly firstSeq: number
}

/**
 * The files of one audit: makes records, writes them, rotates, and keeps the chain's state in step. Records that were
 * not written stay, and are written with the next; too many are given up, and that is recorded in their place.
 */
export class AuditFiles {
  readonly #settings: AuditSettings
  readonly #start: AuditStart
  readonly #parts: Parts
  readonly #waiting = new LineBuffer()
  /** Some of what waits was made with a key that is no more, because it could not be written in its time. */
  #isLate = false
  /** The chain as it is on the disk. */
  #written: ChainPosition
  /** The chain behind what is being written: what waits begins there. */
  #base: ChainPosition
  /** Records that were given up and not yet told of. */
  #lost = 0
  /** Those that a record which waits tells of. */
  #lostNoted = 0
  /** Removed once that is recorded. */
  readonly #toRemove: ClosedFile[] = []
  #current: OpenFile | undefined
  #checkpointed: ChainPosition
  #checkpointedMs: number

  private constructor(settings: AuditSettings, start: AuditStart, parts: Parts) {
    this.#settings = settings
    this.#start = start
    this.#parts = parts
    this.#written = parts.writer.position
    this.#base = parts.writer.position
    this.#checkpointed = parts.writer.position
    this.#checkpointedMs = start.clock.monotonicMs()
  }

  /** @throws CacheError `KEY_UNAVAILABLE`, `INVALID_OPTION`; the system's error when the file cannot be opened */
  static async open(settings: AuditSettings, start: AuditStart): Promise<AuditFiles> {
    const { file, instance } = settings
    const log = await LogFile.open(file)
    const unlock = await takeProcessLock(
      `${file}.lock`,
      `Another process writes the audit ${file}; give each process a file of its own`,
    ).catch(async (error: unknown) => {
      await log.close()
      throw error
    })
    try {
      const wasRotated = (await closedFiles(file)).length > 0
      const state = await openState(file, wasRotated || log.sizeBytes > 0)
      const key = new ChainKey(state.epoch, state.key)
      const found = await recover(file, key, { position: state.position, wasRotated })
      state.key.fill(0)
      const writer = new RecordWriter(key, state.hashing, { position: found.position, instance })
      const files = new AuditFiles(settings, start, { log, key, hashing: state.hashing, writer, unlock })
      await files.#goOn(found)
      return files
    } catch (error) {
      await log.close()
      await unlock()
      throw error
    }
  }

  get waitingBytes(): number {
    return this.#waiting.sizeBytes
  }

  add(event: AuditEvent): void {
    this.#wait(this.#parts.writer.call(event, this.#start.clock.wallMs()))
  }

  /** An entry of a cache did not open. */
  addForgery(cache: string, code: string): void {
    const event = { cache, operation: 'forgery', outcome: 'failed', code } as const
    const unknown = { key: undefined, hashed: false, caller: undefined, hit: undefined } as const
    this.#wait(this.#parts.writer.call({ ...event, ...unknown }, this.#start.clock.wallMs()))
  }

  /** On the disk when this resolves. One call at a time. */
  async flush(): Promise<void> {
    this.#noteLoss()
    const mustBegin = this.#parts.log.sizeBytes === 0 && !this.#isLate
    if (this.#waiting.lines === 0 && !mustBegin) return
    await this.#rotateIfDue()
    const { log, key, writer } = this.#parts
    const lines = this.#withHeader()
    const upTo = writer.position
    const checkpoint = this.#checkpointIfDue(upTo)
    this.#base = upTo
    // What comes from now on is of the next epoch, so that this one's key is forgotten.
    key.advance()
    try {
      await log.append(lines.bytes)
    } catch (error) {
      this.#putBack(lines)
      throw error
    }
    this.#written = upTo
    this.#lostNoted = 0
    this.#isLate = false
    await this.#save(upTo)
    for (const file of this.#toRemove.splice(0)) await removeFile(file)
    if (checkpoint) await this.#send(checkpoint)
  }

  /** Writes what waits and a last checkpoint, if it can. */
  async close(): Promise<void> {
    const { log, key, writer, unlock } = this.#parts
    if (this.#written.seq > this.#checkpointed.seq && this.#hasSecondPlace) {
      await this.#send(this.#checkpoint(this.#written))
    }
    await log.close()
    await unlock()
    key.wipe()
    writer.wipe()
    this.#parts.hashing.fill(0)
  }

  async #goOn(found: Awaited<ReturnType<typeof recover>>): Promise<void> {
    const { file } = this.#settings
    const { report } = this.#start
    if (found.isCut) report(`the audit ${file} is shorter than it was when it was closed; verify it`)
    if (found.foreign > 0)
      report(`the audit ${file} holds ${found.foreign} lines that it did not write; verify it`)
    if (found.wholeBytes < found.sizeBytes) await this.#parts.log.cutTo(found.wholeBytes)
    if (found.firstSeq !== undefined) this.#current = { day: found.day, firstSeq: found.firstSeq }
    await this.#removeOld()
  }

  /** What waits; at the beginning of a file behind a line that says what came before. */
  #withHeader(): TakenLines {
    const { log, writer } = this.#parts
    const taken = this.#waiting.take()
    if (log.sizeBytes > 0 || this.#isLate) return taken
    this.#current = { day: this.#today(), firstSeq: this.#written.seq + 1 }
    const header = Buffer.from(writer.header(this.#written, this.#start.clock.wallMs()))
    return { bytes: Buffer.concat([header, taken.bytes]), lines: taken.lines }
  }

  #own(operation: 'remove' | 'lost', facts: Parameters<RecordWriter['own']>[1]): void {
    this.#wait(this.#parts.writer.own(operation, facts, this.#start.clock.wallMs()))
  }

  #wait(line: string): void {
    this.#waiting.add(line)
    if (this.#waiting.sizeBytes > mostWaitingBytes) this.#giveUp()
  }

  /** The chain goes on behind what is on the disk or on its way there. */
  #giveUp(): void {
    this.#lost += this.#waiting.lines + this.#lostNoted
    this.#lostNoted = 0
    this.#toRemove.length = 0
    this.#waiting.clear()
    this.#isLate = false
    this.#parts.writer.rewind(this.#base)
  }

  #noteLoss(): void {
    if (this.#lost === 0) return
    this.#lostNoted += this.#lost
    this.#lost = 0
    this.#own('lost', { count: this.#lostNoted })
  }

  #putBack(lines: TakenLines): void {
    this.#base = this.#written
    this.#waiting.putBack(lines)
    this.#isLate = true
    if (this.#waiting.sizeBytes > mostWaitingBytes) this.#giveUp()
  }

  async #save(position: ChainPosition): Promise<void> {
    const { key, hashing } = this.#parts
    const bytes = key.bytes()
    try {
      await saveState(this.#settings.file, { epoch: key.epoch, key: bytes, hashing, position })
    } finally {
      bytes.fill(0)
    }
  }

  /** Not while late records wait: they belong behind what the file has. */
  async #rotateIfDue(): Promise<void> {
    const current = this.#current
    const { log } = this.#parts
    const isFull = log.sizeBytes + this.#waiting.sizeBytes > this.#settings.maxBytes
    const isDue = current !== undefined && (isFull || current.day !== this.#today())
    if (!isDue || this.#isLate || log.sizeBytes === 0) return
    await log.rotate(current.day, current.firstSeq)
    await this.#removeOld()
  }

  async #removeOld(): Promise<void> {
    const { file, keepMs } = this.#settings
    const oldestMs = this.#start.clock.wallMs() - keepMs
    const files = await closedFiles(file)
    for (const [index, closed] of files.entries()) {
      if (!(endOfDayMs(closed.day) < oldestMs)) return
      const last = files[index + 1] ? (files[index + 1]?.firstSeq ?? 0) - 1 : this.#written.seq
      this.#own('remove', { first: closed.firstSeq, last })
      this.#toRemove.push(closed)
    }
  }

  #today(): string {
    return new Date(this.#start.clock.wallMs()).toISOString().slice(0, 10)
  }

  get #hasSecondPlace(): boolean {
    const { checkpointFile, sendCheckpoint } = this.#settings
    return checkpointFile !== undefined || sendCheckpoint !== undefined
  }

  #checkpointIfDue(position: ChainPosition): Checkpoint | undefined {
    const { checkpointEvery, checkpointMs } = this.#settings
    if (!this.#hasSecondPlace) return undefined
    const sinceMs = this.#start.clock.monotonicMs() - this.#checkpointedMs
    const isDue = position.seq - this.#checkpointed.seq >= checkpointEvery || sinceMs >= checkpointMs
    return isDue ? this.#checkpoint(position) : undefined
  }

  #checkpoint(position: ChainPosition): Checkpoint {
    const time = new Date(this.#start.clock.wallMs()).toISOString()
    return signCheckpoint(this.#parts.key, position, { time, instance: this.#settings.instance })
  }

  async #send(checkpoint: Checkpoint): Promise<void> {
    const { checkpointFile, sendCheckpoint, file } = this.#settings
    try {
      if (checkpointFile !== undefined) await appendCheckpoint(checkpointFile, checkpoint)
      await sendCheckpoint?.(checkpoint)
      this.#checkpointed = { seq: checkpoint.seq, mac: checkpoint.mac }
      this.#checkpointedMs = this.#start.clock.monotonicMs()
    } catch (error) {
      this.#start.report(
        `a checkpoint of the audit ${file} did not reach its second place; it is tried again`,
        error,
      )
    }
  }
}

function endOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + 86_400_000
}
