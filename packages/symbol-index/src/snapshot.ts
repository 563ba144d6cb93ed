import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { SymbolIndexError } from './errors.ts'
import { checkStructure } from './store/check-structure.ts'
import { openSections, storedHash, verify } from './store/layout.ts'
import { SymbolSet } from './symbol-set.ts'

const FILE_MODE = 0o600
const MAX_BYTES = 2 ** 31
/** An unfinished file that is older than a finished one by this was left by a process that died. */
const LEFT_BEHIND_MS = 600_000

export interface LoadSnapshotOptions {
  /** Refuses a snapshot with any other content, such as an older one under the same name. */
  readonly expectedHash?: string | undefined
}

/**
 * Writes a set to a file, readable by its owner only. The file appears whole or not at all: it is written
 * beside its final name, flushed to disk, and renamed.
 */
export async function saveSnapshot(set: SymbolSet, path: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`)
  try {
    await writeDurably(temporary, new Uint8Array(set.buffer))
    await rename(temporary, path)
    await syncDirectory(dirname(path))
    await removeLeftBehind(path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw new SymbolIndexError('SNAPSHOT_IO', `Can't write the snapshot ${path}.`, { cause })
  }
}

/** Reads a set from a file. Nothing is parsed: the file is the set. Refuses one that isn't as it was written. */
export async function loadSnapshot(path: string, options: LoadSnapshotOptions = {}): Promise<SymbolSet> {
  return openSnapshot(await readAll(path), options)
}

/** Opens the bytes of a snapshot that came another way; verified as those of a file are. */
export function openSnapshot(buffer: SharedArrayBuffer, options: LoadSnapshotOptions = {}): SymbolSet {
  verify(buffer)
  checkStructure(openSections(buffer))
  const hash = storedHash(buffer)
  if (options.expectedHash !== undefined && options.expectedHash !== hash) {
    throw new SymbolIndexError(
      'SNAPSHOT_ALTERED',
      `The snapshot has hash ${hash}, but ${options.expectedHash} was expected.`,
    )
  }
  return new SymbolSet(buffer)
}

/** Whether anything has this name. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

/** Whether an error says that a snapshot can't be used, so that its source must be read again. */
export function isRefusal(error: unknown): error is SymbolIndexError {
  return error instanceof SymbolIndexError && /^(?:NOT_A_SNAPSHOT|SNAPSHOT_)/.test(error.code)
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', FILE_MODE)
  await file.writeFile(bytes)
  await file.sync()
}

/** Age is measured by the clock of the file system, between files. */
async function removeLeftBehind(path: string): Promise<void> {
  const { mtimeMs } = await stat(path)
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`.${basename(path)}.`) || !name.endsWith('.tmp')) continue
    const unfinished = join(dirname(path), name)
    const age = mtimeMs - ((await stat(unfinished).catch(() => undefined))?.mtimeMs ?? mtimeMs)
    if (age > LEFT_BEHIND_MS) await rm(unfinished, { force: true })
  }
}

/** Makes the rename itself durable, where directories can be opened. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using directory = await open(path, 'r')
  await directory.sync()
}

async function readAll(path: string): Promise<SharedArrayBuffer> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    if (size > MAX_BYTES)
      throw new SymbolIndexError('NOT_A_SNAPSHOT', `${path} is too large to be a snapshot.`)
    const buffer = new SharedArrayBuffer(size)
    await fill(file, new Uint8Array(buffer))
    return buffer
  } catch (cause) {
    if (cause instanceof SymbolIndexError) throw cause
    throw new SymbolIndexError('SNAPSHOT_IO', `Can't read the snapshot ${path}.`, { cause })
  }
}

async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0
  while (at < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, at, bytes.byteLength - at, at)
    if (bytesRead === 0)
      throw new SymbolIndexError('SNAPSHOT_TRUNCATED', 'The snapshot shrank while it was read.')
    at += bytesRead
  }
}
