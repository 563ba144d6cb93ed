import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file of records that is written no more. */
export interface ClosedFile {
  readonly path: string
  /** UTC date of its first record, `YYYY-MM-DD`. */
  readonly day: string
  /** The number of its first record. */
  readonly firstSeq: number
}

/** Closed files, oldest first: `cache_audit.log.2026-11-26.4711`. */
export async function closedFiles(file: string): Promise<ClosedFile[]> {
  const prefix = `${basename(file)}.`
  const names = await readdir(dirname(file)).catch(() => [])
  return names
    .flatMap((name) => {
      const match = name.startsWith(prefix)
        ? /^(\d{4}-\d{2}-\d{2})\.(\d+)$/.exec(name.slice(prefix.length))
        : null
      const [, day = '', firstSeq = ''] = match ?? []
      return match ? [{ path: join(dirname(file), name), day, firstSeq: Number(firstSeq) }] : []
    })
    .toSorted((one, other) => one.firstSeq - other.firstSeq)
}

/** The file that records are appended to. A write that fails leaves it as it was. */
export class LogFile {
  readonly #path: string
  #handle: FileHandle
  #sizeBytes: number

  private constructor(path: string, handle: FileHandle, sizeBytes: number) {
    this.#path = path
    this.#handle = handle
    this.#sizeBytes = sizeBytes
  }

  static async open(path: string): Promise<LogFile> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(path, 'a', 0o600)
    const { size } = await handle.stat()
    return new LogFile(path, handle, size)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** On the disk when this resolves. */
  async append(bytes: Buffer): Promise<void> {
    try {
      await this.#handle.appendFile(bytes)
      await this.#handle.datasync()
      this.#sizeBytes += bytes.length
    } catch (error) {
      await this.#handle.truncate(this.#sizeBytes).catch(() => undefined)
      throw error
    }
  }

  /** Cuts off what follows a size: a record that a crash left half written. */
  async cutTo(sizeBytes: number): Promise<void> {
    await this.#handle.truncate(sizeBytes)
    this.#sizeBytes = sizeBytes
  }

  /** Moves it away under the name of a closed file and begins an empty one. */
  async rotate(day: string, firstSeq: number): Promise<void> {
    await rename(this.#path, `${this.#path}.${day}.${firstSeq}`)
    const handle = await open(this.#path, 'a', 0o600)
    await this.#handle.close()
    this.#handle = handle
    this.#sizeBytes = 0
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

export async function removeFile({ path }: ClosedFile): Promise<void> {
  await rm(path, { force: true })
}
