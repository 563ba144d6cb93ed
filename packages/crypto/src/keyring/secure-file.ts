import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CacheError } from '@cache/core'

const maxBytes = 65_536
const isPosix = process.platform !== 'win32'

/**
 * The bytes of a file that only its owner can read; `undefined` if there is none.
 *
 * @throws CacheError `KEY_UNAVAILABLE` when it is a symbolic link or no regular file, belongs to somebody else, can be
 *   read or written by others, is too large, or cannot be read. On Windows, which has neither, mode and owner are not
 *   looked at.
 */
export async function readSecureFile(path: string): Promise<Buffer | undefined> {
  const handle = await openWithoutFollowing(path)
  if (!handle) return undefined
  try {
    const { size } = await checkedStat(handle, path)
    const bytes = Buffer.allocUnsafeSlow(size)
    await handle.read(bytes, 0, size, 0)
    return bytes
  } catch (error) {
    throw asUnavailable(error, path)
  } finally {
    await handle.close()
  }
}

/**
 * Makes a file with mode 600, whole or not at all; `false` if there is one already, also one that another process made
 * at the same moment.
 *
 * @throws CacheError `KEY_UNAVAILABLE`
 */
export async function createSecureFile(path: string, bytes: Buffer): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const draft = await writeDraft(path, bytes)
    try {
      // Unlike a rename, a link never replaces what is there.
      await link(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
    await syncDirectory(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw asUnavailable(error, path)
  }
}

/**
 * Replaces a file as a whole: a crash leaves the old one or the new one.
 *
 * @throws CacheError `KEY_UNAVAILABLE`
 */
export async function replaceSecureFile(path: string, bytes: Buffer): Promise<void> {
  try {
    const draft = await writeDraft(path, bytes)
    await rename(draft, path)
    await syncDirectory(path)
  } catch (error) {
    throw asUnavailable(error, path)
  }
}

/** Whether others may replace the files in a path's directory; a sticky directory protects them. */
export async function isInOpenDirectory(path: string): Promise<boolean> {
  if (!isPosix) return false
  const { mode } = await lstat(dirname(path))
  return (mode & 0o022) !== 0 && (mode & 0o1000) === 0
}

async function openWithoutFollowing(path: string): Promise<FileHandle | undefined> {
  try {
    if ((await lstat(path)).isSymbolicLink())
      throw refused(path, 'is a symbolic link; give the path of the file itself')
    // Not waiting: a pipe in its place would hold the process.
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw asUnavailable(error, path)
  }
}

/** Of the open file, so that it cannot be exchanged between the look and the reading. */
async function checkedStat(handle: FileHandle, path: string): Promise<{ readonly size: number }> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw refused(path, 'is no regular file')
  const uid = process.geteuid?.()
  if (uid !== undefined && stats.uid !== uid)
    throw refused(path, `belongs to user ${stats.uid}, and this process runs as ${uid}; run chown on it`)
  if (isPosix && (stats.mode & 0o077) !== 0)
    throw refused(
      path,
      `has mode ${(stats.mode & 0o777).toString(8)}, so others can use it; run chmod 600 on it`,
    )
  if (stats.size > maxBytes) throw refused(path, 'is too large to be a key file')
  return stats
}

/** A file beside the path, on the disk when this resolves. */
async function writeDraft(path: string, bytes: Buffer): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const handle = await open(draft, 'wx', 0o600)
  try {
    // What the process's umask took away.
    await handle.chmod(0o600)
    await handle.writeFile(bytes)
    await handle.sync()
    return draft
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  if (!isPosix) return
  const handle = await open(dirname(path), constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function refused(path: string, fault: string): CacheError {
  return new CacheError('KEY_UNAVAILABLE', `The key file ${path} ${fault}`)
}

function asUnavailable(error: unknown, path: string): CacheError {
  if (error instanceof CacheError) return error
  const reason = codeOf(error) ?? 'unknown'
  return new CacheError('KEY_UNAVAILABLE', `The key file ${path} cannot be used: ${reason}`, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
