import { newEntry } from '@cache/conformance'
import { CacheError, type ErrorCode } from '@cache/core'
import type { RespOptions } from '@cache/resp'
import { type ServerKind, TestServer, until } from '@cache/tooling-servers'
import { afterEach, describe, expect, it } from 'vitest'

import { type MakeBackend, payloadOf, Running, set } from './fault-tests.ts'
import { oldServer } from './old-server.ts'
import { contextOf, eventually, started, storeOf } from './started.ts'

/** A `CacheError` with this code and this in its message. */
function failure(code: ErrorCode, mend: string): unknown {
  return expect.objectContaining({ name: 'CacheError', code, message: expect.stringContaining(mend) })
}

/** What may be wrong with an address, credentials, a server or its data: each has an error of its own that names the mend. */
export function testBadInput(kind: ServerKind, make: MakeBackend): void {
  const running = new Running()
  afterEach(() => running.end())

  async function failureOfStart(options: RespOptions): Promise<CacheError> {
    const backend = running.keep(make(options))
    try {
      await backend.start(contextOf())
    } catch (error) {
      expect(String(error)).not.toContain('secret')
      if (error instanceof CacheError) return error
      throw error
    }
    throw new Error('The start should have failed')
  }

  async function server(options: Partial<Parameters<typeof TestServer.start>[0]> = {}): Promise<TestServer> {
    return running.keep(await TestServer.start({ kind, ...options }))
  }

  describe(`${kind}: what cannot be reached`, () => {
    it.each(['localhost:6379', 'http://localhost', 'redis://', '', 'redis://:secret@h/x'])(
      'a wrong URL throws at once: %s',
      (url) => {
        expect(() => make({ url })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
        expect(() => make({ url })).not.toThrow('secret')
      },
    )

    it('a port where nobody listens', async () => {
      const gone = await server()
      await gone.stop()
      expect(await failureOfStart({ url: gone.url })).toEqual(
        failure('BACKEND_UNREACHABLE', 'check the host and the port'),
      )
    })

    it('an unknown host', async () => {
      const failed = await failureOfStart({
        url: 'redis://no-such-host.invalid:6379',
        connectTimeout: '20s',
      })
      expect(failed).toEqual(failure('BACKEND_UNREACHABLE', 'host name'))
    })

    it('a server that accepts and does not answer', async () => {
      const silent = await server()
      silent.pause()
      const failed = await failureOfStart({ url: silent.url, connectTimeout: 300, commandTimeout: 300 })
      expect(failed).toEqual(failure('BACKEND_TIMEOUT', 'did not answer'))
      silent.resume()
    })

    it('starts without a server where it is told to, and serves when one comes', async () => {
      const late = await server()
      await late.kill()
      const { backend, store, reports } = await started(make({ url: late.url, startWithoutServer: true }))
      running.keep(backend)
      expect(reports.join()).toContain('No server can be reached yet')
      await expect(store.read(['k'])).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
      await late.restart('empty')
      await eventually(() => set(store, 'k'))
    })
  })

  describe(`${kind}: who may not`, () => {
    const users = [
      { name: 'app', password: 'right', rights: ['~app:*', '~{app:*', '&*', '+@all', '-info'] },
      { name: 'default', password: 'right', rights: ['~*', '&*', '+@all'] },
    ]

    it('a refused password', async () => {
      const { url } = await server({ users })
      const failed = await failureOfStart({ url, username: 'app', password: 'secret' })
      expect(failed).toEqual(failure('BACKEND_REFUSED', 'check the user and the password'))
    })

    it('no password where one is needed', async () => {
      const { url } = await server({ users })
      expect(await failureOfStart({ url })).toEqual(
        failure('BACKEND_REFUSED', 'check the user and the password'),
      )
    })

    it('a user without a right that is needed', async () => {
      const { url } = await server({ users })
      const failed = await failureOfStart({ url, username: 'app', password: 'right' })
      expect(failed).toEqual(failure('BACKEND_REFUSED', '+info'))
    })

    it('a user without rights on the keys', async () => {
      const one = [{ name: 'app', password: 'right', rights: ['~other:*', '+@all'] }]
      const { url } = await server({ users: one })
      const { backend, store } = await started(make({ url, username: 'app', password: 'right' }))
      running.keep(backend)
      const failed = await store.read(['k']).catch((error: unknown) => error)
      expect(failed).toEqual(failure('BACKEND_REFUSED', 'the keys of the prefix'))
    })
  })

  describe(`${kind}: TLS that does not match`, () => {
    it('an authority that is not known', async () => {
      const { url } = await server({ tls: true })
      expect(await failureOfStart({ url })).toEqual(failure('BACKEND_REFUSED', 'authority'))
    })

    it('no client certificate', async () => {
      const { url, certificates } = await server({ tls: true })
      const failed = await failureOfStart({ url, tls: { ca: certificates?.ca } })
      expect(failed).toEqual(failure('BACKEND_REFUSED', 'client certificate'))
    })

    it('TLS to a server without it', async () => {
      const { url } = await server()
      const failed = await failureOfStart({ url: url.replace('redis:', 'rediss:'), connectTimeout: 1000 })
      expect(failed.message).toContain('TLS')
    })

    it('no TLS to a server with it', async () => {
      const { url } = await server({ tls: true })
      const failed = await failureOfStart({ url: url.replace('rediss:', 'redis:'), connectTimeout: 1000 })
      expect(['BACKEND_REFUSED', 'BACKEND_UNREACHABLE']).toContain(failed.code)
    })
  })

  describe(`${kind}: a server that cannot`, () => {
    it('one that is too old', async () => {
      const modern = await server()
      const old = running.keep(await oldServer(modern.port))
      expect(await failureOfStart({ url: old.url })).toEqual(failure('BACKEND_REFUSED', 'Redis 7.0'))
    })

    it('one that is full refuses writes and still serves reads', async () => {
      const full = await server({ config: { 'maxmemory-policy': 'noeviction' } })
      const { backend, store } = await started(make({ url: full.url }))
      running.keep(backend)
      await set(store, 'k')
      await full.command(['CONFIG', 'SET', 'maxmemory', '1'])
      const failed = await store
        .change([{ kind: 'set', key: 'other', entry: newEntry() }])
        .catch((error: unknown) => error)
      expect(failed).toEqual(failure('BACKEND_FULL', 'maxmemory'))
      expect(await payloadOf(store, 'k')).toBe('"v"')
      const invalidated = await store.change([
        { kind: 'tags', tags: ['t'] },
        { kind: 'delete', key: 'k' },
      ])
      expect(invalidated.outcomes).toEqual(['applied', 'applied'])
      const { warnings } = await backend.health()
      expect(warnings.join()).toContain('noeviction')
    })

    it('a replica', async () => {
      const primary = await server()
      const replica = await server({ config: { replicaof: `127.0.0.1 ${primary.port}` } })
      await until('it follows', async () => (await replica.info('master_link_status')) === 'up')
      const { backend, store } = await started(make({ url: replica.url }))
      running.keep(backend)
      const failed = await store.read(['k']).catch((error: unknown) => error)
      expect(failed).toEqual(failure('BACKEND_READ_ONLY', 'primary'))
    })

    it('one that is busy with a script of somebody', async () => {
      const busy = await server({ config: { 'busy-reply-threshold': 1 } })
      const { backend, store } = await started(make({ url: busy.url, commandTimeout: '20s' }))
      running.keep(backend)
      await set(store, 'k')
      const loop = busy.command(['EVAL', 'while true do end', 0]).catch(() => null)
      const failed = await until('it says so', async () =>
        store.read(['k']).then(
          () => undefined,
          (error: unknown) => error,
        ),
      )
      expect(failed).toEqual(failure('BACKEND_LOCKED', 'SCRIPT KILL'))
      await busy.command(['SCRIPT', 'KILL'])
      await loop
      const { value } = await eventually(() => payloadOf(store, 'k'))
      expect(value).toBe('"v"')
    })

    it('one that is loading its data', async () => {
      const loading = await server({
        config: { 'key-load-delay': 20_000, 'loading-process-events-interval-bytes': 1024 },
      })
      await loading.command(['DEBUG', 'POPULATE', 2000, 'filler', 100])
      await loading.command(['SAVE'])
      await loading.restartLoading()
      const failed = await failureOfStart({ url: loading.url })
      expect(failed).toEqual(failure('BACKEND_UNREACHABLE', 'loading'))
    })
  })

  describe(`${kind}: values of others under our keys`, () => {
    it('an entry that is none is a miss, and is replaced', async () => {
      const one = await server()
      const { backend, store } = await started(make({ url: one.url }))
      running.keep(backend)
      await set(store, 'k')
      for (const command of [
        ['SET', '{app:users}:v1:k', 'not ours'],
        ['SET', '{app:users}:v1:k', `\u00ca${'x'.repeat(200)}`],
        ['LPUSH', '{app:users}:v1:list', 'x'],
      ])
        await one.command(command)
      expect((await store.read(['k', 'list'])).entries).toEqual([undefined, undefined])
      for (const key of ['k', 'list']) {
        expect((await store.acquire(key, { token: `token of ${key}`, leaseMs: 1000 })).kind).toBe('lease')
        await set(store, key, '"new"')
        expect(await payloadOf(store, key)).toBe('"new"')
      }
    })

    it('an entry whose lengths lead beyond its end is a miss, and is replaced', async () => {
      const one = await server()
      const { backend, store } = await started(make({ url: one.url }))
      running.keep(backend)
      await set(store, 'k')
      await one.command(['SETRANGE', '{app:users}:v1:k', 75, '~~'])
      expect((await store.read(['k'])).entries).toEqual([undefined])
      await expect(store.acquire('k', { token: 'token', leaseMs: 1000 })).rejects.toBeInstanceOf(CacheError)
      await set(store, 'k', '"new"')
      expect(await payloadOf(store, 'k')).toBe('"new"')
    })

    it.each([
      ['state', ['SET', '{app:users}:state', 'not ours']],
      ['state of another type', ['LPUSH', '{app:users}:state', 'x']],
      ['log', ['SET', '{app:users}:log', 'x']],
      ['tags', ['SET', '{app:users}:tags', 'x']],
    ])('a %s that is none says so', async (_name, command) => {
      const one = await server()
      const { backend, store } = await started(make({ url: one.url }))
      running.keep(backend)
      await set(store, 'k')
      await one.command(['DEL', String(command[1])])
      await one.command(command)
      const changes = [
        { kind: 'tags', tags: ['t'] },
        { kind: 'delete', key: 'k' },
      ] as const
      const failed = await store.change(changes).catch((error: unknown) => error)
      expect(failed).toEqual(failure('BACKEND_CORRUPT', 'prefix'))
    })

    it('a client that is none is refused', () => {
      expect(() => make({ client: {} as never })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
      expect(() => make({ client: 5 as never })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    })

    it('closing without a start, or while it starts, ends', async () => {
      const one = await server()
      await make({ url: one.url }).close()
      const backend = make({ url: one.url })
      const starting = backend.start(contextOf()).catch((error: unknown) => error)
      await backend.close()
      await starting
      expect(() => storeOf(backend)).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    })
  })
}
