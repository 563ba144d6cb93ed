import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import {
  freePort,
  neededProgram,
  ServerProcess,
  serverProgram,
  type ServerKind,
} from '@cache/tooling-servers'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'

import { addressed } from '../cluster/nginx.ts'
import { buyFuture } from './support/buy-future.ts'
import { readyApp } from './support/ready-app.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

const run = promisify(execFile)
const deploy = join(import.meta.dirname, '../../../deploy')
const password = 'CHANGE-THIS-PASSWORD'

function deployed(path: string): string {
  return readFileSync(join(deploy, path), 'utf8')
}

/** A server with the configuration and the users that `deploy/` offers. */
async function hardenedServer(kind: ServerKind): Promise<{ readonly port: number }> {
  const directory = await temporaryDirectory()
  const port = await freePort()
  const acl = join(directory, 'users.acl')
  await writeFile(acl, `${deployed('redis/users.acl')}user admin on nopass ~* &* +@all\n`)
  const conf = deployed('redis/redis.conf')
    .replace('port 6379', `port ${port}`)
    .replace('/etc/redis/users.acl', acl)
  await writeFile(join(directory, 'redis.conf'), `${conf}dir ${directory}\n`)
  const program = (await serverProgram(kind)) ?? ''
  const server = await ServerProcess.start(program, [join(directory, 'redis.conf')], /Ready to accept/)
  whenOver(() => server.kill())
  return { port }
}

describe('what deploy/ offers', () => {
  it.each(['redis', 'valkey'] as const)(
    'is a %s whose user may do all that the app needs, and no more',
    async (kind) => {
      const { port } = await hardenedServer(kind)
      const { server, client } = await readyApp({
        CACHE_BACKEND: kind,
        REDIS_HOST: '127.0.0.1',
        REDIS_PORT: String(port),
        REDIS_USERNAME: 'trading',
        REDIS_PASSWORD: password,
      })
      expect((await client.get('/health')).body).toMatchObject({ status: 'healthy', cache_backend: kind })
      await buyFuture(client)
      await client.post('/web/sign-out')
      expect(await server.stop('SIGTERM')).toBe(0)

      const admin = new Redis({ port, username: 'admin', password: 'any', lazyConnect: true })
      await admin.connect()
      whenOver(() => admin.disconnect())
      expect(await admin.call('ACL', 'LOG')).toEqual([])
      expect(await admin.dbsize()).toBeGreaterThan(5)
      const user = new Redis({ port, username: 'trading', password, lazyConnect: true })
      await user.connect()
      whenOver(() => user.disconnect())
      await expect(user.flushall()).rejects.toThrow('NOPERM')
      await expect(user.get('other:key')).rejects.toThrow('NOPERM')
      await expect(user.config('SET', 'maxmemory', '1')).rejects.toThrow('NOPERM')
    },
  )

  it('is a configuration that HAProxy takes', async () => {
    const program = await neededProgram('haproxy', 'haproxy')
    const { stdout, stderr } = await run(program, ['-c', '-f', join(deploy, 'haproxy/haproxy.cfg')])
    expect(stdout + stderr).toContain('valid')
  })

  it('has one configuration of nginx, by addresses and by the names of containers', () => {
    const withoutTitle = (path: string): string => deployed(path).split('\n').slice(2).join('\n')
    const byName = withoutTitle('nginx/trading.conf')
      .replaceAll(/127\.0\.0\.1:500(\d)/g, 'instance-$1:5000')
      .replace('listen 127.0.0.1:8080', 'listen 8080')
    expect(withoutTitle('compose/nginx.conf')).toBe(byName)
  })

  it.each([[[7001]], [[7001, 7002, 7003, 7004, 7005]]])('is a configuration for instances at %j', (ports) => {
    const deployedSite = deployed('nginx/trading.conf')
    const servers = (site: string): string[] =>
      site.match(/^ *server .*;$/gm)?.map((line) => line.trim()) ?? []
    const lines = (rest: string): string[] => ports.map((port) => `server 127.0.0.1:${port} ${rest};`)
    const site = addressed(deployedSite, ports)
    expect(servers(site)).toEqual([...lines('max_fails=1 fail_timeout=2s'), ...lines('backup max_fails=0')])
    const others = (text: string): string[] => text.split('\n').filter((line) => !/^ *server .*;$/.test(line))
    expect(others(site)).toEqual(others(deployedSite))
  })
})
