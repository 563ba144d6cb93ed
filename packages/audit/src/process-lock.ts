import { open, readFile, rm } from 'node:fs/promises'
import { CacheError } from '@cache/core'

/** Those that this process has: another one with its number may have left one behind, in a container for one. */
const held = new Set<string>()

/**
 * Takes a lock that a process which ended without giving it back does not keep. The result gives it back.
 *
 * @throws CacheError `INVALID_OPTION` when another process has it
 */
export async function takeProcessLock(path: string, mend: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await write(path)) {
      held.add(path)
      return async () => {
        held.delete(path)
        await rm(path, { force: true })
      }
    }
    const holder = Number((await readFile(path, 'utf8').catch(() => '')).trim())
    if (holder === process.pid ? held.has(path) : isAlive(holder)) break
    await rm(path, { force: true })
  }
  throw new CacheError('INVALID_OPTION', mend)
}

async function write(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600)
    await handle.writeFile(`${process.pid}\n`)
    await handle.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
