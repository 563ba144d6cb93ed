import { join } from 'node:path'
import type { Cache } from '@cache/core'
import { cachesFromEnvironment } from '@cache/environment'
import { TestServer, until } from '@cache/tooling-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { directory } from './support.ts'

/** Caches by the given variables, with the packages that this one has. */
async function open(values: Readonly<Record<string, string>>) {
  const path = directory()
  const files = { SQLITE_CACHE_PATH: join(path, 'cache'), CACHE_KEY_FILE: join(path, 'key') }
  const given = { CACHE_LOG_MISSES: 'false', REDIS_TIMEOUT: '10', ...files, ...values }
  const sources = [{ label: '.env', values: given, checkNames: 'all' as const }]
  const environment = await cachesFromEnvironment({ from: import.meta.filename, sources })
  onTestFinished(() => environment.caches.close())
  return environment
}

function at(server: TestServer): Record<string, string> {
  return { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(server.port) }
}

describe.each(['redis', 'valkey'] as const)('the environment with a %s server', (kind) => {
  it('makes several instances see each other’s changes at once', async () => {
    await using server = await TestServer.start({ kind })
    const keys = join(directory(), 'key')
    const several = { ...at(server), CACHE_BACKEND: kind, MULTI_INSTANCE_MODE: 'true', CACHE_KEY_FILE: keys }
    const one = await open({ ...several, INSTANCE_ID: 'one' })
    const two = await open({ ...several, INSTANCE_ID: 'two' })
    expect(one.choice).toMatchObject({ backend: kind, reason: 'explicit', warnings: [] })
    expect([one.sessions, one.options.transport?.name, one.options.prefix]).toEqual([
      kind,
      'pub-sub',
      'openalgo',
    ])
    const [here, there] = [one, two].map(({ caches }) => caches.define<number>('numbers')) as [
      Cache<number>,
      Cache<number>,
    ]
    await here.set('k', 1)
    expect(await there.get('k')).toBe(1)
    await here.delete('k')
    await until('the copy is gone', async () => there.peek('k') === undefined)
    const secret = one.caches.define<string>('auth')
    await secret.set('ann', 'token')
    expect(await two.caches.define<string>('auth').get('ann')).toBe('token')
  })
})

describe('the environment', () => {
  it('takes a server that answers by itself, and SQLite when it has gone', async () => {
    await using server = await TestServer.start({ kind: 'redis' })
    const found = await open(at(server))
    expect(found.choice).toMatchObject({ backend: 'redis', reason: 'reachable-server' })
    await found.caches.close()
    await server.kill()
    const without = await open(at(server))
    expect(without.choice).toMatchObject({ backend: 'sqlite', reason: 'default' })
  })

  it('says a wrong password, and does not start several instances with it', async () => {
    await using server = await TestServer.start({
      kind: 'redis',
      users: [{ name: 'app', password: 'right', rights: ['~*', '&*', '+@all'] }],
    })
    const wrong = { ...at(server), REDIS_USERNAME: 'app', REDIS_PASSWORD: 'wrong-one' }
    const alone = await open({ ...wrong, CACHE_BACKEND: 'redis' })
    expect(alone.choice).toMatchObject({ backend: 'sqlite', reason: 'fallback' })
    expect(alone.choice.warnings.join()).not.toContain('wrong-one')
    const several = { ...wrong, MULTI_INSTANCE_MODE: 'true', INSTANCE_ID: 'one' }
    await expect(open(several)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
  })
})
