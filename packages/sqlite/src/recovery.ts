import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileIdOf } from './epoch.ts'

/** The file itself first: without its log it must never look sound, and a log without its file is removed. */
const parts = ['', '-wal', '-shm'] as const

/** Damaged files kept for a look at them; older ones are removed, so that the disk does not fill. */
const keptAside = 3

/** The names of what holds the cache: the file, its write-ahead log and its shared index. */
export function fileParts(path: string): string[] {
  return parts.map((suffix) => path + suffix)
}

/**
 * Moves a damaged file out of the way, under the directory lock. Does nothing when another process has done so:
 * then another file has its name. Resolves to the new name.
 */
export function setAside(path: string, fileId: string | undefined, wallMs: number): string | undefined {
  if (fileId === undefined || fileIdOf(path) !== fileId) return undefined
  const stamp = new Date(wallMs).toISOString().replaceAll(/[-:]/g, '')
  const aside = `${path}.corrupt-${stamp}`
  removeParts(aside)
  for (const suffix of parts) rename(path + suffix, aside + suffix)
  removeOldest(path)
  return aside
}

/** What a removed file left behind belongs to no later one. */
export function removeParts(path: string): void {
  for (const part of fileParts(path)) rmSync(part, { force: true })
}

function rename(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to)
}

function removeOldest(path: string): void {
  const directory = dirname(path)
  const prefix = `${basename(path)}.corrupt-`
  const aside = readdirSync(directory).filter((name) => name.startsWith(prefix) && !/-(wal|shm)$/.test(name))
  for (const name of aside.sort().slice(0, -keptAside)) removeParts(join(directory, name))
}
