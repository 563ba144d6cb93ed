import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { canInstall, installPackage } from './debian.ts'
import { freePort } from './free-port.ts'
import { ServerProcess } from './server-process.ts'

const run = promisify(execFile)
const programs = '/usr/lib/postgresql'
const urlVariable = 'POSTGRES_URL'
const attempts = 5

/** A PostgreSQL for tests, with databases of their own. */
export interface PostgresServer {
  /** Makes an empty database and gives its address. */
  createDatabase(name: string): Promise<URL>
  /**
   * Takes the server away, as a power cut; the data stay. The function returned brings it back at the same address.
   *
   * @throws Error for a server that `POSTGRES_URL` names
   */
  interrupt(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL of its own on loopback, with nothing flushed to the disk; its program is installed where it is
 * missing and the machine is a Debian of ours. `POSTGRES_URL` names a server to be used instead.
 *
 * @throws Error that says what to install
 */
export async function startPostgres(): Promise<PostgresServer> {
  const attached = process.env[urlVariable]
  const directory = await programDirectory()
  if (directory === undefined) {
    if (attached !== undefined && attached !== '') {
      const interrupt = (): Promise<never> =>
        Promise.reject(new Error(`${urlVariable} names a server that is not ours to stop; unset it`))
      return { ...databasesOf(new URL(attached)), interrupt, stop: async () => {} }
    }
    throw new Error(
      `These tests need PostgreSQL: install postgresql, or set ${urlVariable} to a server whose data may go`,
    )
  }
  const data = await mkdtemp(join(tmpdir(), 'cache-postgres-'))
  const user = await serverUser()
  if (user !== undefined) await chown(data, user.uid, user.gid)
  await run(join(directory, 'initdb'), ['-D', data, '-U', 'test', '-A', 'trust', '-N'], {
    ...user,
    cwd: data,
  })
  const program = join(directory, 'postgres')
  const { server, port } = await started(program, data, user)
  let running = server
  return {
    ...databasesOf(new URL(`postgres://test@127.0.0.1:${port}/postgres`)),
    interrupt: async () => {
      await running.kill()
      return async () => {
        running = await startOn(port, { program, data, user })
      }
    },
    stop: async () => {
      if (running.running) await running.kill()
      await rm(data, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** A port that was free may be taken by now; then another is tried. */
async function started(
  program: string,
  data: string,
  user: ServerUser | undefined,
): Promise<{ readonly server: ServerProcess; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return { server: await startOn(port, { program, data, user }), port }
    } catch (error) {
      if (attempt === attempts) throw error
    }
  }
}

interface Start {
  readonly program: string
  readonly data: string
  readonly user: ServerUser | undefined
}

function startOn(port: number, { program, data, user }: Start): Promise<ServerProcess> {
  const settings = [
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${data}`,
    '-c',
    'fsync=off',
  ]
  const args = ['-D', data, '-p', String(port), ...settings]
  const ready = /database system is ready to accept connections/
  return ServerProcess.start(program, args, ready, { ...user, cwd: data })
}

async function programDirectory(): Promise<string | undefined> {
  const found = newest()
  if (found !== undefined || !canInstall()) return found
  await installPackage('postgresql', 'release')
  return newest()
}

function newest(): string | undefined {
  try {
    const versions = readdirSync(programs).map(Number).filter(Number.isInteger)
    return versions.length === 0 ? undefined : join(programs, String(Math.max(...versions)), 'bin')
  } catch {
    return undefined
  }
}

/** PostgreSQL refuses to run as root: there, as the user of Debian's package. */
async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  )
  return { uid: uid ?? 0, gid: gid ?? 0 }
}

function databasesOf(server: URL): Pick<PostgresServer, 'createDatabase'> {
  return {
    createDatabase: async (name) => {
      await run('psql', [server.href, '-q', '-c', `create database "${name}"`])
      const url = new URL(server)
      url.pathname = `/${name}`
      return url
    },
  }
}
