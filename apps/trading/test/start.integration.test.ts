import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { runToEnd, startServer, temporaryDirectory } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

describe('a start', () => {
  it('says the address, what to do next, and nothing else', async () => {
    const server = await startServer({ directory: await temporaryDirectory() })
    expect(server.output()).toMatch(/Trading app {2}→ {2}http:\/\/localhost:\d+\n/)
    expect(server.output()).toContain('choose a name and a password, then connect the simulated broker')
    expect(await server.stop()).toBe(0)
    expect(server.log()).not.toContain('"level":40')
    expect(server.log()).not.toContain('Warning')
  })

  it('keeps what it writes to itself', async () => {
    const directory = join(await temporaryDirectory(), 'data')
    const server = await startServer({ directory })
    await expect
      .poll(() => existsSync(join(directory, 'simulated-broker.db')), { timeout: 20_000 })
      .toBe(true)
    const modes = await Promise.all(
      ['.', '.app_key', 'app.db', 'simulated-broker.db', 'cache'].map(
        async (name) => (await stat(join(directory, name))).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o700])
    await server.stop()
  })

  it('prints its flags', async () => {
    const { code, output } = await runToEnd(['--help'])
    expect(code).toBe(0)
    for (const flag of ['--instruments FILE', '--port PORT', '--host HOST', '--data DIR'])
      expect(output).toContain(flag)
  })

  it('lists every fault of its configuration, each with its mend', async () => {
    const directory = await temporaryDirectory()
    const envFile = join(directory, '.env')
    await writeFile(envFile, 'PROT=1\nAUTH_CACHE_TTL=5\nSESSION_EXPIRY_TIME=25:00\nCACHE_BACKEND=mongo\n')
    const flags = ['--port', '99999', '--instruments', join(directory, 'none.json'), '--colour', 'red']
    const { code, errors } = await runToEnd(flags, { ENV_FILE: envFile })
    expect(code).toBe(1)
    expect(errors).toContain('8 things to mend')
    expect(errors).toContain('--colour is not a flag')
    expect(errors).toContain("'red' stands alone")
    expect(errors).toContain('PROT in .env is not a setting; did you mean PORT?')
    expect(errors).toContain('AUTH_CACHE_TTL in .env has no effect here; remove it')
    expect(errors).toContain("SESSION_EXPIRY_TIME is '25:00', but must be a time of day")
    expect(errors).toContain("CACHE_BACKEND is 'mongo', but must be auto, sqlite, memory, redis or valkey")
    expect(errors).toContain("PORT is '99999', but must be a whole number from 0 to 65535")
    expect(errors).toContain('does not exist; check the path after --instruments')
  })

  it('says which port is in use and how to take another', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void blocker.close())
    await new Promise((resolve) => blocker.once('listening', resolve))
    const { port } = blocker.address() as AddressInfo
    const { code, errors } = await runToEnd(['--port', String(port), '--data', await temporaryDirectory()])
    expect(code).toBe(1)
    expect(errors).toContain(`Port ${port} is in use`)
    expect(errors).toContain(`--port ${port + 1}`)
  })

  it('refuses a key file that is none', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, '.app_key'), 'not a key')
    const { code, errors } = await runToEnd(['--port', '0', '--data', directory])
    expect(code).toBe(1)
    expect(errors).toContain('is not a key file of this app; restore it from a backup')
  })

  it('refuses a database that is none, and leaves it alone', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'app.db'), 'x'.repeat(5000))
    const { code, errors } = await runToEnd(['--port', '0', '--data', directory])
    expect(code).toBe(1)
    expect(errors).toContain(`app.db can't be opened; restore it from a backup, or move it away`)
    expect((await stat(join(directory, 'app.db'))).size).toBe(5000)
  })

  it('refuses settings that cannot be read', async () => {
    const { code, errors } = await runToEnd(['--port', '0'], { ENV_FILE: await temporaryDirectory() })
    expect(code).toBe(1)
    expect(errors).toMatch(/The settings in .* can't be read .*; mend or remove it/)
  })

  it('takes paths from where the caller stands', async () => {
    const directory = await temporaryDirectory()
    await smallMaster(directory)
    await mkdir(join(directory, 'data'))
    const server = await startServer({
      directory: 'data',
      args: ['--', '--instruments', 'small-master.json'],
      env: { INIT_CWD: directory },
    })
    const loaded = async (): Promise<number> => {
      const health = await fetch(`${server.address}/health`)
      const { symbol_cache: symbols } = (await health.json()) as { symbol_cache: { total_symbols: number } }
      return symbols.total_symbols
    }
    await expect.poll(loaded, { timeout: 20_000 }).toBe(3000)
    expect((await stat(join(directory, 'data/app.db'))).isFile()).toBe(true)
    await server.stop()
  })

  it('ends on each signal that asks it to, also while a master is read', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const directory = await temporaryDirectory()
      const file = await smallMaster(directory, 60_000)
      const server = await startServer({ directory, args: ['--instruments', file] })
      expect(await server.stop(signal)).toBe(0)
    }
  })
})
