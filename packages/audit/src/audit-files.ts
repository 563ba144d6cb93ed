import type { AuditEvent, AuditStart } from '@cache/core'
import type { AuditSettings } from './audit-options.ts'
import { ChainKey, type ChainPosition } from './chain.ts'
import { openState, saveState } from './chain-state.ts'
import { appendCheckpoint, signCheckpoint, type Checkpoint } from './checkpoint.ts'
import { closedFiles, LogFile, removeFile, type ClosedFile } from './log-file.ts'
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
  #waiting: string[] = []
  #waitingBytes = 0
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
    return this.#waitingBytes
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
    if (this.#waiting.length === 0) return
    await this.#rotateIfDue()
    const { log, key, writer } = this.#parts
    const lines = this.#waiting
    const upTo = writer.position
    const checkpoint = this.#checkpointIfDue(upTo)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#base = upTo
    // What comes from now on is of the next epoch, so that this one's key is forgotten.
    key.advance()
    try {
      await log.append(lines.join(''))
    } catch (error) {
      this.#putBack(lines)
      throw error
    }
    this.#written = upTo
    this.#lostNoted = 0
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
    if (found.firstSeq === undefined) this.#begin()
    else this.#current = { day: found.day, firstSeq: found.firstSeq }
    await this.#removeOld()
  }

  /** The first record of a file says what came before it. */
  #begin(): void {
    const { writer } = this.#parts
    const { seq, mac } = writer.position
    this.#current = { day: this.#today(), firstSeq: seq + 1 }
    this.#own('open', { prev: mac })
  }

  #own(operation: 'open' | 'remove' | 'lost', facts: Parameters<RecordWriter['own']>[1]): void {
    this.#wait(this.#parts.writer.own(operation, facts, this.#start.clock.wallMs()))
  }

  #wait(line: string): void {
    this.#waiting.push(line)
    this.#waitingBytes += line.length
    if (this.#waitingBytes > mostWaitingBytes) this.#giveUp()
  }

  /** The chain goes on behind what is on the disk or on its way there. */
  #giveUp(): void {
    this.#lost += this.#waiting.length + this.#lostNoted
    this.#lostNoted = 0
    this.#toRemove.length = 0
    this.#waiting = []
    this.#waitingBytes = 0
    this.#parts.writer.rewind(this.#base)
    if (this.#parts.log.sizeBytes === 0) this.#begin()
  }

  #noteLoss(): void {
    if (this.#lost === 0) return
    this.#lostNoted += this.#lost
    this.#lost = 0
    this.#own('lost', { count: this.#lostNoted })
  }

  #putBack(lines: readonly string[]): void {
    this.#base = this.#written
    this.#waiting = [...lines, ...this.#waiting]
    this.#waitingBytes = this.#waiting.reduce((sum, { length }) => sum + length, 0)
    if (this.#waitingBytes > mostWaitingBytes) this.#giveUp()
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

  /** What waits was made for the file before, and is its end. */
  async #rotateIfDue(): Promise<void> {
    const current = this.#current
    const { log } = this.#parts
    const isFull = log.sizeBytes + this.#waitingBytes > this.#settings.maxBytes
    if (!current || log.sizeBytes === 0 || (current.day === this.#today() && !isFull)) return
    await log.rotate(current.day, current.firstSeq)
    this.#reopen()
    await this.#removeOld()
  }

  /** The records that wait follow the first one of the new file: they are made again behind it. */
  #reopen(): void {
    const { writer } = this.#parts
    const bodies = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    writer.rewind(this.#written)
    this.#begin()
    for (const line of bodies) this.#wait(writer.again(line))
  }

  async #removeOld(): Promise<void> {
    const { file, keepMs } = this.#settings
    const oldestMs = this.#start.clock.wallMs() - keepMs
    const files = await closedFiles(file)
    for (const [index, closed] of files.entries()) {
      if (!(endOfDayMs(closed.day) < oldestMs)) return
      const last = (files[index + 1]?.firstSeq ?? this.#current?.firstSeq ?? closed.firstSeq + 1) - 1
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
