import { leaseOn, leaseRequest, newEntry } from '@cache/conformance'
import { type EntryStore, isCacheError } from '@cache/core'
import type { RespBackend, RespOptions } from '@cache/resp'
import { type ServerKind, TcpProxy, TestServer, until } from '@cache/tooling-servers'
import { afterEach, describe, expect, it } from 'vitest'

import { eventually, started, type Started } from './started.ts'

/** Makes a backend of one of the packages. */
export type MakeBackend = (options: RespOptions) => RespBackend

type Stoppable = { stop(): Promise<void> } | { close(): Promise<void> }

/** What a test has started, ended after it in the opposite order. */
export class Running {
  readonly #all: Stoppable[] = []

  keep<T extends Stoppable>(each: T): T {
    this.#all.push(each)
    return each
  }

  async end(): Promise<void> {
    for (const each of this.#all.splice(0).toReversed()) await ('stop' in each ? each.stop() : each.close())
  }
}

export async function set(
  store: EntryStore,
  key: string,
  payload = '"v"',
  tags: readonly string[] = [],
): Promise<void> {
  const { outcomes } = await store.change([{ kind: 'set', key, entry: newEntry({ payload, tags }) }])
  expect(outcomes).toEqual(['applied'])
}

export async function payloadOf(store: EntryStore, key: string): Promise<unknown> {
  return (await store.read([key])).entries[0]?.payload
}

/** Servers that crash, restart, stall and fail the connection. */
export function testFaults(kind: ServerKind, make: MakeBackend): void {
  const running = new Running()
  afterEach(() => running.end())

  async function serverAndStore(
    options: Partial<RespOptions> = {},
    config: Record<string, string> = {},
  ): Promise<Started & { readonly server: TestServer }> {
    const server = running.keep(await TestServer.start({ kind, config }))
    const process = await started(make({ url: server.url, ...options }))
    running.keep(process.backend)
    return { ...process, server }
  }

  describe(`${kind}: a connection that the library gave up`, () => {
    // As ioredis does when Sentinel tells of a failover while it looks for the primary.
    it('is made again', async () => {
      const { backend, store } = await serverAndStore()
      await set(store, 'k')
      const { client } = backend
      for (let time = 0; time < 2; time++) {
        client.disconnect()
        await until('it has ended', async () => client.status === 'end')
        await eventually(() => set(store, 'k', String(time)))
      }
      expect(await payloadOf(store, 'k')).toBe('1')
    })
  })

  describe(`${kind}: a server that restarts`, () => {
    it('from an older snapshot is a cold start: what was invalidated since does not come back', async () => {
      const { server, store, reports } = await serverAndStore()
      await set(store, 'k', '"old"')
      await set(store, 'kept', '"old"')
      const snapshot = await server.snapshot()
      const { stamp } = await store.change([{ kind: 'delete', key: 'k' }])
      await server.restart(snapshot)
      const { value } = await eventually(() => store.read(['k', 'kept']))
      expect(value.entries).toEqual([undefined, undefined])
      const after = await store.changesSince(stamp)
      expect(after.kind).toBe('reset')
      expect(after.stamp.epoch).not.toBe(stamp.epoch)
      expect(after.stamp.sequence).toBeGreaterThan(stamp.sequence)
      expect(reports.join('\n')).toContain('begins cold')
    })

    it('refuses the fill of a lease from before, and voids its entries for tags and conditions too', async () => {
      const { server, store } = await serverAndStore()
      const lease = await leaseOn(store, 'k')
      await set(store, 'conditional')
      const snapshot = await server.snapshot()
      await server.restart(snapshot)
      const { value } = await eventually(() => store.fill('k', lease, newEntry()))
      expect(value).toEqual({ accepted: false, reason: 'epoch' })
      const when = { kind: 'absent' } as const
      const { outcomes } = await store.change([{ kind: 'set', key: 'conditional', entry: newEntry(), when }])
      expect(outcomes).toEqual(['applied'])
    })

    it('empty goes on with greater sequences, and scripts are loaded again', async () => {
      const { server, store } = await serverAndStore()
      await set(store, 'k')
      const before = (await store.changesSince(undefined)).stamp
      await server.restart('empty')
      await eventually(() => set(store, 'k', '"new"'))
      expect(await payloadOf(store, 'k')).toBe('"new"')
      const after = (await store.changesSince(before)).stamp
      expect(after.sequence).toBeGreaterThan(before.sequence)
    })

    it('keeps what it holds where its data is trusted', async () => {
      const config = { appendonly: 'yes', appendfsync: 'always' }
      const { server, store } = await serverAndStore({ trust: true }, config)
      await set(store, 'k')
      const before = (await store.changesSince(undefined)).stamp
      await server.restart('saved')
      const { value } = await eventually(() => payloadOf(store, 'k'))
      expect(value).toBe('"v"')
      expect((await store.changesSince(before)).kind).toBe('log')
    })

    it('serves no process that connected before: each says HELLO first', async () => {
      const { server, store } = await serverAndStore()
      const other = await started(make({ url: server.url }))
      running.keep(other.backend)
      await set(store, 'k', '"old"')
      expect(await payloadOf(other.store, 'k')).toBe('"old"')
      const snapshot = await server.snapshot()
      await store.change([{ kind: 'delete', key: 'k' }])
      await server.restart(snapshot)
      const all = await Promise.all(
        [store, other.store].map((each) => eventually(() => payloadOf(each, 'k'))),
      )
      expect(all.map(({ value }) => value)).toEqual([undefined, undefined])
    })
  })

  describe(`${kind}: a server that loses parts of what it holds`, () => {
    it('its scripts are loaded again', async () => {
      const { server, store } = await serverAndStore()
      await set(store, 'k')
      await server.command(['SCRIPT', 'FLUSH', 'SYNC'])
      await set(store, 'k', '"new"')
      expect(await payloadOf(store, 'k')).toBe('"new"')
    })

    it('without its state every entry is void, also in a plain read', async () => {
      const { server, store } = await serverAndStore()
      await set(store, 'k')
      await server.command(['DEL', '{app:users}:state'])
      expect(await payloadOf(store, 'k')).toBeUndefined()
      await set(store, 'k', '"new"')
      expect(await payloadOf(store, 'k')).toBe('"new"')
    })

    it('without its state nothing is counted, and purging removes what is left, also without an index', async () => {
      const { server, store } = await serverAndStore()
      for (const key of ['one', 'two', 'three']) await set(store, key)
      await server.command(['DEL', '{app:users}:state'])
      await set(store, 'new')
      expect(await store.count()).toBe(1)
      await server.command(['DEL', '{app:users}:state', '{app:users}:i1', '{app:users}:olds'])
      await set(store, 'newer')
      for (let turn = 0; turn < 3; turn++) await store.purge(100)
      expect(await server.command(['KEYS', '{app:users}:v1:*'])).toEqual(['{app:users}:v1:newer'])
    })

    it('after a clear purging frees what was there, in steps', async () => {
      const { server, store } = await serverAndStore()
      for (let index = 0; index < 25; index++) await set(store, `k${index}`)
      await store.change([{ kind: 'clear' }])
      await set(store, 'k0', '"new"')
      for (let turn = 0; turn < 4; turn++) await store.purge(10)
      expect(await server.command(['KEYS', '{app:users}:v1:*'])).toEqual(['{app:users}:v1:k0'])
      expect(await payloadOf(store, 'k0')).toBe('"new"')
    })

    it('without its records of tags what carries tags is void, and fills with them are refused', async () => {
      const { server, store } = await serverAndStore()
      await set(store, 'tagged', '"v"', ['t'])
      await set(store, 'plain')
      const lease = await leaseOn(store, 'loading')
      await store.change([{ kind: 'tags', tags: ['t', 'u'] }])
      await server.command(['DEL', '{app:users}:tags'])
      expect(await payloadOf(store, 'tagged')).toBeUndefined()
      expect(await payloadOf(store, 'plain')).toBe('"v"')
      expect(await store.fill('loading', lease, newEntry({ tags: ['t'] }))).toMatchObject({ accepted: false })
    })

    it('without its log a listener begins anew', async () => {
      const { server, store } = await serverAndStore()
      await set(store, 'k')
      const { stamp } = await store.changesSince(undefined)
      await set(store, 'k')
      await server.command(['DEL', '{app:users}:log'])
      expect((await store.changesSince(stamp)).kind).toBe('reset')
    })
  })

  describe(`${kind}: a server that is away or slow`, () => {
    it('fails calls at once while it is down, queues nothing, and serves again when it is back', async () => {
      const { server, store } = await serverAndStore()
      await set(store, 'k')
      await server.kill()
      await until('the loss is noticed', async () =>
        store.read(['k']).then(
          () => false,
          () => true,
        ),
      )
      const failures = await Promise.allSettled(Array.from({ length: 2000 }, () => store.read(['k'])))
      for (const failure of failures) {
        const reason: unknown = failure.status === 'rejected' ? failure.reason : undefined
        expect(isCacheError(reason, 'BACKEND_UNREACHABLE')).toBe(true)
      }
      await server.restart('empty')
      await eventually(() => set(store, 'k'))
      expect(await payloadOf(store, 'k')).toBe('"v"')
    })

    it('gives up a command that is not answered, and changes nothing when it runs it later', async () => {
      const { server, store } = await serverAndStore({ commandTimeout: 200 })
      await set(store, 'k')
      server.pause()
      const failure = store.change([{ kind: 'set', key: 'late', entry: newEntry() }])
      await expect(failure).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
      server.resume()
      const { value } = await eventually(() => store.read(['k', 'late']))
      expect(value.entries.map((entry) => entry?.payload)).toEqual(['"v"', undefined])
    })

    it('holds no more commands than it may', async () => {
      const { server, store } = await serverAndStore({ maxPending: 100, commandTimeout: '10s' })
      await set(store, 'k')
      server.pause()
      const calls = Array.from({ length: 200 }, () => store.acquire('k', leaseRequest()))
      const crowded = await Promise.allSettled(calls.slice(100))
      expect(crowded.every((each) => each.status === 'rejected')).toBe(true)
      server.resume()
      const served = await Promise.allSettled(calls.slice(0, 100))
      expect(served.every((each) => each.status === 'fulfilled')).toBe(true)
    })
  })

  describe(`${kind}: a network that fails`, () => {
    async function proxied(): Promise<Started & { readonly proxy: TcpProxy; readonly server: TestServer }> {
      const server = running.keep(await TestServer.start({ kind }))
      const proxy = running.keep(await TcpProxy.start(server.port))
      const process = await started(make({ url: proxy.url, commandTimeout: 500 }))
      running.keep(process.backend)
      return { ...process, proxy, server }
    }

    it('a change whose reply is lost rejects, and is not made twice', async () => {
      const { store, proxy } = await proxied()
      await set(store, 'k')
      const before = (await store.changesSince(undefined)).stamp
      proxy.behave({ replies: { mode: 'drop' } })
      await expect(store.change([{ kind: 'delete', key: 'k' }])).rejects.toMatchObject({
        code: 'BACKEND_TIMEOUT',
      })
      proxy.behave({})
      proxy.cut()
      const { value } = await eventually(() => store.changesSince(before))
      expect(value.kind === 'log' && value.invalidations.length).toBe(1)
    })

    it('a cut connection fails what is under way, and is made again', async () => {
      const { store, proxy } = await proxied()
      await set(store, 'k')
      proxy.behave({ replies: { mode: 'hold' } })
      const pending = store.read(['k'])
      void pending.catch(() => {})
      await until('the reply is held', async () => proxy.heldBytes > 0)
      proxy.behave({ refuse: true, replies: { mode: 'hold' } })
      proxy.cut()
      await expect(pending).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
      proxy.behave({})
      const { value } = await eventually(() => payloadOf(store, 'k'))
      expect(value).toBe('"v"')
    })

    it('slices and delays change nothing but the time it takes', async () => {
      const { store, proxy } = await proxied()
      proxy.behave({ requests: { sliceBytes: 7 }, replies: { sliceBytes: 5, delayMs: 5 } })
      await set(store, 'k', '"\u{1f600}"')
      expect(await payloadOf(store, 'k')).toBe('"\u{1f600}"')
    })

    it('a half-closed connection is made again', async () => {
      const { store, proxy } = await proxied()
      await set(store, 'k')
      proxy.halfClose('replies')
      const { value } = await eventually(() => payloadOf(store, 'k'))
      expect(value).toBe('"v"')
    })
  })
}
