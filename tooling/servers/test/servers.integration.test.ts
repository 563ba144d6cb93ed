import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'

import { afterEach, describe, expect, it } from 'vitest'

import { type ServerKind, TestCluster, TestSentinel, TestServer, until, usableServer } from '../src/index.ts'

const started: { stop(): Promise<void> }[] = []

afterEach(async () => {
  for (const each of started.splice(0)) await each.stop()
})

function kept<T extends { stop(): Promise<void> }>(server: T): T {
  started.push(server)
  return server
}

describe.each<ServerKind>(['redis', 'valkey'])('%s', (kind) => {
  it('starts alone, takes commands, and leaves nothing behind', async () => {
    const server = kept(await TestServer.start({ kind }))
    expect(await server.command(['SET', 'k', 'v'])).toBe('OK')
    expect(await server.command(['GET', 'k'])).toBe('v')
    expect(await server.info('redis_version')).toMatch(/^\d+\.\d+/)
    const { directory, pid } = server
    await server.stop()
    expect(existsSync(directory)).toBe(false)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('serves tests that only need a server', async () => {
    const server = kept(await usableServer(kind))
    expect(server.url).toMatch(/^redis/)
  })

  it('takes settings, and says why when it does not start', async () => {
    const server = kept(await TestServer.start({ kind, config: { maxmemory: '64mb' } }))
    expect(await server.command(['CONFIG', 'GET', 'maxmemory'])).toEqual(['maxmemory', '67108864'])
    await expect(TestServer.start({ kind, config: { 'no-such-setting': 1 } })).rejects.toThrow(
      'no-such-setting',
    )
  })

  it('restarts empty, from what it saved, and from an older snapshot', async () => {
    const server = kept(await TestServer.start({ kind }))
    await server.command(['SET', 'k', 'old'])
    const snapshot = await server.snapshot()
    await server.command(['SET', 'k', 'new'])
    await server.snapshot()
    await server.restart()
    expect(await server.command(['GET', 'k'])).toBe('new')
    await server.restart(snapshot)
    expect(await server.command(['GET', 'k'])).toBe('old')
    await server.restart('empty')
    expect(await server.command(['GET', 'k'])).toBe(null)
  })

  it('demands a client certificate', async () => {
    const server = kept(await TestServer.start({ kind, tls: true }))
    expect(server.url).toMatch(/^rediss:/)
    expect(await server.command(['PING'])).toBe('PONG')
    const ca = server.certificates?.ca
    await expect(server.command(['PING'], { tls: { ca: ca ?? '' } })).rejects.toThrow()
  })

  it('knows users by name, password and rights', async () => {
    const users = [{ name: 'app', password: 'secret', rights: ['~app:*', '+@all', '-@dangerous'] }]
    const server = kept(await TestServer.start({ kind, users }))
    const as = { username: 'app', password: 'secret' }
    expect(await server.command(['SET', 'app:k', 'v'], as)).toBe('OK')
    await expect(server.command(['SET', 'other', 'v'], as)).rejects.toThrow('NOPERM')
    await expect(server.command(['PING'], { ...as, password: 'wrong' })).rejects.toThrow('WRONGPASS')
  })

  it('makes a cluster whose slots are spread and replicated', async () => {
    const cluster = kept(await TestCluster.start({ kind, primaries: 3, replicas: 1 }))
    const [first] = cluster.primaries
    expect(String(await first?.command(['CLUSTER', 'INFO']))).toContain('cluster_size:3')
    await expect(first?.command(['SET', 'foo', 'v'])).rejects.toThrow('MOVED 12182')
    expect(await cluster.primaries[2]?.command(['SET', 'foo', 'v'])).toBe('OK')
    for (const replica of cluster.replicas) expect(await replica.info('role')).toBe('slave')
  })

  it('fails over when the primary is killed', async () => {
    const setup = kept(await TestSentinel.start({ kind }))
    const former = await setup.primary()
    await former.kill()
    const present = await setup.failedOver(former)
    expect(await present.command(['SET', 'k', 'v'])).toBe('OK')
  })
})

it('a server ends with the process that started it, also when that is killed', async () => {
  const script = new URL('children/start-server.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  expect(isRunning(pid)).toBe(true)
  child.kill('SIGKILL')
  await until('the server is gone', async () => !isRunning(pid))
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
