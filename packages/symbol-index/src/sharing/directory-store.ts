import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { SymbolIndexError } from '../errors.ts'
import { loadSnapshot, saveSnapshot } from '../snapshot.ts'
import type { SymbolSet } from '../symbol-set.ts'
import type { SnapshotContent, SnapshotStore } from './snapshot-store.ts'

/** A snapshot, or one that a process left unfinished when it died. */
const SNAPSHOT = /^(?:symbols-([0-9a-f]{64})\.snapshot|\.symbols-[0-9a-f]{64}\.snapshot\.[0-9a-f-]+\.tmp)$/
/** Younger files may be of a member that is about to publish them. */
const GRACE_MS = 600_000

/** Snapshots as files of a directory that all members see, each named after its content. */
export class DirectoryStore implements SnapshotStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async write(set: SymbolSet): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new SymbolIndexError('SNAPSHOT_IO', `Can't make the directory ${this.#directory}.`, { cause })
    }
    await saveSnapshot(set, this.#pathOf(set.hash))
  }

  async read({ hash }: SnapshotContent): Promise<SymbolSet> {
    return loadSnapshot(this.#pathOf(hash), { expectedHash: hash })
  }

  /** Age is measured by the clock of the file system, between files. */
  async sweep(keep: readonly string[]): Promise<void> {
    const newestMs = await modifiedAtMs(this.#pathOf(keep[0] ?? ''))
    for (const name of await readdir(this.#directory)) {
      const match = SNAPSHOT.exec(name)
      if (match === null || keep.includes(match[1] ?? '')) continue
      const path = join(this.#directory, name)
      if ((await modifiedAtMs(path)) < newestMs - GRACE_MS) await rm(path, { force: true })
    }
  }

  #pathOf(hash: string): string {
    return join(this.#directory, `symbols-${hash}.snapshot`)
  }
}

/** 0 for a file that is gone. */
async function modifiedAtMs(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
}
