import { randomBytes } from 'node:crypto'
import { watch, type FSWatcher } from 'node:fs'
import { chmod, lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { CacheError } from '@cache/ports'

/** What the kernel takes as the path of a socket, in bytes. */
const longestPath = 103

const suffix = '.ipc'

/** A socket that is bound and not yet listening has another name. */
const unfinished = '.new'

/**
 * A directory with one socket for each process that takes part. Whoever may open the directory may take part: it is
 * made for its owner alone.
 */
export class SocketDirectory {
  readonly #path: string
  readonly #own = `${process.pid.toString(36)}-${randomBytes(6).toString('base64url')}`
  #watcher: FSWatcher | undefined

  /** @throws CacheError `INVALID_OPTION` for a path that is too long for sockets in it */
  constructor(path: string) {
    this.#path = path
    const bytes = Buffer.byteLength(join(path, `${this.#own}${suffix}`))
    if (bytes > longestPath) {
      throw new CacheError(
        'INVALID_OPTION',
        `zeromq: the path of directory is too long for sockets by ${bytes - longestPath} bytes; give a shorter one`,
      )
    }
  }

  /** Makes it. An own one that others may enter is closed to them. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 })
      const { mode, uid } = await stat(this.#path)
      if ((mode & 0o077) !== 0 && uid === process.getuid?.()) await chmod(this.#path, 0o700)
    } catch (error) {
      throw new CacheError('TRANSPORT_FAILED', 'zeromq: directory cannot be made or entered', {
        cause: error,
      })
    }
  }

  /** Where this process binds. */
  get bindPath(): string {
    return join(this.#path, `${this.#own}${unfinished}`)
  }

  /** Shows the bound socket to others. */
  async announce(): Promise<void> {
    await rename(this.bindPath, join(this.#path, `${this.#own}${suffix}`))
  }

  /** The paths of the others' sockets, alive or not. */
  async peers(): Promise<string[]> {
    const names = await readdir(this.#path).catch(() => [])
    return names
      .filter((name) => name.endsWith(suffix) && name !== `${this.#own}${suffix}`)
      .map((name) => join(this.#path, name))
  }

  /** Told, perhaps more than once, that somebody came or went. */
  watch(onChange: () => void, onError: (error: unknown) => void): void {
    this.#watcher = watch(this.#path, { persistent: false }, onChange)
    this.#watcher.on('error', onError)
  }

  /** Removes what a process that died has left; `true` if somebody listens there. */
  async isAlive(path: string): Promise<boolean> {
    const facts = await lstat(path).catch(() => undefined)
    if (!facts?.isSocket()) return false
    const alive = await listens(path)
    if (!alive) await rm(path, { force: true }).catch(() => undefined)
    return alive
  }

  async leave(): Promise<void> {
    this.#watcher?.close()
    for (const end of [suffix, unfinished])
      await rm(join(this.#path, `${this.#own}${end}`), { force: true }).catch(() => undefined)
  }
}

/** Only a refusal says that nobody does: what is merely busy lives. */
function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.unref()
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
