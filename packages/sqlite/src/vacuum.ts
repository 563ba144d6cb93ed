import type { CacheFile } from './cache-file.ts'
import type { Connection } from './connection.ts'

/** Pages given back in one transaction: a millisecond or so of work. */
const pagesPerStep = 128

/** Gives freed pages back to the file system, in small steps between which others have their turn. */
export async function giveBackSpace(file: CacheFile): Promise<void> {
  if (file.ready() === undefined) return
  for (let before = Number.POSITIVE_INFINITY; ;) {
    const free = await file.read(freePages)
    if (free === 0 || free >= before) return
    before = free
    await file.write((tx) => tx.giveBackPages(pagesPerStep))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function freePages({ database }: Connection): number {
  return Number(database.pragma('freelist_count', { simple: true }))
}
