import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { documentedRights, TestServer, type ServerKind } from '@cache/tooling-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { verifyAudit } from '../src/index.ts'
import { makeDirectory } from './support.ts'

const execute = promisify(execFile)
const child = join(import.meta.dirname, 'children', 'using-secrets.ts')

/** The forms in which a secret could be somewhere. */
interface Secret {
  readonly name: string
  readonly bytes: Buffer
}

/** Runs the child over a backend, and gives the secrets that it used. */
async function useSecrets(directory: string, backend: object, ...more: string[]): Promise<readonly Secret[]> {
  const nodeArguments = ['--no-warnings', child, directory, JSON.stringify(backend), ...more]
  await execute(process.execPath, nodeArguments, { timeout: 100_000 })
  const secrets = await readFile(join(directory, 'secrets'))
  return [secrets.subarray(0, 12), secrets.subarray(12)].flatMap((secret, index) => {
    const name = index === 0 ? 'key' : 'value'
    const text = secret.toString('hex')
    return [
      { name, bytes: Buffer.from(text) },
      { name: `${name} in base64`, bytes: Buffer.from(Buffer.from(text).toString('base64').slice(0, 28)) },
      { name: `${name} in UTF-16`, bytes: Buffer.from(text, 'utf16le') },
    ]
  })
}

function found(secrets: readonly Secret[], place: string, bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return secrets.filter((secret) => buffer.includes(secret.bytes)).map(({ name }) => `${name} in ${place}`)
}

/** Every file below a directory, but the one with the secrets themselves. */
async function foundInFiles(secrets: readonly Secret[], directory: string): Promise<string[]> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => name !== 'secrets')
  const all = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      return (await stat(path)).isFile() ? found(secrets, name, await readFile(path)) : []
    }),
  )
  return all.flat()
}

describe('a secret in a key or a value', () => {
  it.each(['memory', 'sqlite'])(
    'is in no file, event, log, metric, error, audit or heap snapshot, over %s',
    async (kind) => {
      const directory = await makeDirectory()
      const secrets = await useSecrets(directory, { kind })
      expect(await foundInFiles(secrets, directory)).toEqual([])
      expect(await verifyAudit({ file: join(directory, 'audit.log') })).toMatchObject({ ok: true })
      const said = await readFile(join(directory, 'said'), 'utf8')
      expect(said).not.toContain('it did not fail')
      expect(said.length).toBeGreaterThan(10_000)
      expect((await stat(join(directory, 'heap'))).size).toBeGreaterThan(1_000_000)
    },
    120_000,
  )

  it.each<ServerKind>(['redis', 'valkey'])(
    'is in no key or value of %s, which asks for a password, a user with few rights, and TLS',
    async (kind) => {
      const users = [{ name: 'app', password: 'app-password', rights: documentedRights('cache') }]
      const server = await TestServer.start({ kind, tls: true, users })
      onTestFinished(() => server.stop())
      await server.command(['ACL', 'SETUSER', 'default', 'resetpass', '>admin-password'])
      const directory = await makeDirectory()
      const { ca, client } = server.certificates ?? { ca: '', client: { cert: '', key: '' } }
      const tls = { ca, cert: client.cert, key: client.key }
      const secrets = await useSecrets(directory, {
        kind,
        url: server.url,
        username: 'app',
        password: 'app-password',
        tls,
      })
      const admin = { username: 'default', password: 'admin-password' }
      const keys = (await server.command(['KEYS', '*'], admin)) as string[]
      expect(keys.length).toBeGreaterThan(3)
      expect(found(secrets, 'keys', Buffer.from(keys.join('\n')))).toEqual([])
      // With everything that is stored, streams and scripts included.
      await server.command(['CONFIG', 'SET', 'rdbcompression', 'no'], admin)
      await server.command(['SAVE'], admin)
      expect(found(secrets, 'snapshot', await readFile(join(server.directory, 'dump.rdb')))).toEqual([])
      expect(await foundInFiles(secrets, directory)).toEqual([])
    },
    120_000,
  )

  it('would be found: a cache that is not sensitive shows it', async () => {
    const directory = await makeDirectory()
    const secrets = await useSecrets(directory, { kind: 'sqlite' }, 'plain')
    const places = await foundInFiles(secrets, directory)
    expect(places).toContain('key in said')
    expect(places.filter((place) => place.startsWith('value in db/')).length).toBeGreaterThan(0)
    expect(places.filter((place) => place.startsWith('key in db/')).length).toBeGreaterThan(0)
    // The audit hashes keys by itself.
    expect(places.filter((place) => place.includes('audit'))).toEqual([])
  }, 120_000)
})
