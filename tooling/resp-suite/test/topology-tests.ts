import { leaseOn, newEntry } from '@cache/conformance'
import {
  documentedRights,
  type ServerKind,
  TestCluster,
  TestSentinel,
  TestServer,
  until,
} from '@cache/tooling-servers'
import { afterEach, describe, expect, it } from 'vitest'

import { type MakeBackend, payloadOf, Running, set } from './fault-tests.ts'
import { contextOf, eventually, started, storeOf } from './started.ts'

const rights = documentedRights('app')

/** Sentinel, Cluster, TLS and users. */
export function testTopologies(kind: ServerKind, make: MakeBackend): void {
  const running = new Running()
  afterEach(() => running.end())

  describe(`${kind}: Sentinel`, () => {
    it('a failover is a cold start on the new primary, and sequences go on', async () => {
      const setup = running.keep(await TestSentinel.start({ kind, replicas: 1 }))
      const sentinel = {
        addresses: setup.sentinels.map(({ host, port }) => `${host}:${port}`),
        name: setup.primaryName,
      }
      const { backend, store } = await started(make({ sentinel }))
      running.keep(backend)
      await set(store, 'k', '"old"')
      const lease = await leaseOn(store, 'loading')
      const before = (await store.changesSince(undefined)).stamp
      const former = await setup.primary()
      const replica = setup.servers.find((server) => server !== former)
      await until('the replica has what was written', async () => (await replica?.command(['DBSIZE'])) !== 0)
      await former.kill()
      await setup.failedOver(former)
      const { value } = await eventually(() => store.read(['k']))
      expect(value.entries).toEqual([undefined])
      expect((await store.fill('loading', lease, newEntry())).accepted).toBe(false)
      const { stamp } = await store.changesSince(before)
      expect(stamp.epoch).not.toBe(before.epoch)
      expect(stamp.sequence).toBeGreaterThan(before.sequence)
      await set(store, 'k', '"new"')
      expect(await payloadOf(store, 'k')).toBe('"new"')
    })
  })

  describe(`${kind}: Cluster`, () => {
    it('spreads caches over the primaries, and each finds its own', async () => {
      const cluster = running.keep(await TestCluster.start({ kind }))
      const { backend } = await started(make({ cluster: cluster.urls }))
      running.keep(backend)
      const names = Array.from({ length: 12 }, (_, index) => `cache${index}`)
      for (const name of names) await set(storeOf(backend, name), 'k', `"${name}"`)
      for (const name of names) expect(await payloadOf(storeOf(backend, name), 'k')).toBe(`"${name}"`)
      expect(await backend.cacheNames()).toEqual(names.toSorted())
      const sizes = await Promise.all(cluster.primaries.map((node) => node.command(['DBSIZE'])))
      expect(sizes.every((size) => Number(size) > 0)).toBe(true)
      const { healthy, details } = await backend.health()
      expect([healthy, details['servers']]).toEqual([true, 3])
    })

    it('a failover is a cold start for the caches of that primary, and for no other', async () => {
      const cluster = running.keep(await TestCluster.start({ kind, replicas: 1 }))
      const { backend } = await started(make({ cluster: cluster.urls }))
      running.keep(backend)
      const names = Array.from({ length: 12 }, (_, index) => `cache${index}`)
      for (const name of names) await set(storeOf(backend, name), 'k', '"old"')
      const [lost] = cluster.primaries
      const own = String(await lost?.command(['KEYS', '{app:*}:state']))
      const moved = names.filter((name) => own.includes(`{app:${name}}`))
      expect(moved.length).toBeGreaterThan(0)
      await lost?.kill()
      for (const name of names) {
        const { value } = await eventually(() => payloadOf(storeOf(backend, name), 'k'))
        expect([name, value]).toEqual([name, moved.includes(name) ? undefined : '"old"'])
      }
      for (const name of moved) await set(storeOf(backend, name), 'k', '"new"')
      expect(await payloadOf(storeOf(backend, moved[0]), 'k')).toBe('"new"')
    })

    it('follows a slot that moves to another node', async () => {
      const cluster = running.keep(await TestCluster.start({ kind }))
      const { backend, store } = await started(make({ cluster: cluster.urls }))
      running.keep(backend)
      await set(store, 'k', '"old"')
      await moveSlot(cluster, '{app:users}:state')
      const { value } = await eventually(() => payloadOf(store, 'k'))
      expect(value).toBeUndefined()
      await eventually(() => set(store, 'k', '"new"'))
      expect(await payloadOf(store, 'k')).toBe('"new"')
    })
  })

  describe(`${kind}: TLS and users`, () => {
    it('a client certificate and an ACL user with no more rights than documented are enough', async () => {
      const users = [
        { name: 'app', password: 'p@ss:word', rights },
        { name: 'default', password: 'another', rights: ['~*', '&*', '+@all'] },
      ]
      const server = running.keep(await TestServer.start({ kind, tls: true, users }))
      const { ca, client } = server.certificates ?? { ca: '', client: {} }
      const tls = { ca, ...client }
      const { backend, store } = await started(
        make({ url: server.url, tls, username: 'app', password: 'p@ss:word' }),
      )
      running.keep(backend)
      await set(store, 'k', '"v"', ['t'])
      await store.change([{ kind: 'tags', tags: ['t'] }, { kind: 'clear' }])
      expect(await payloadOf(store, 'k')).toBeUndefined()
      await store.purge(10)
      expect((await store.scan({ limit: 10 })).keys).toEqual([])
      expect((await backend.health()).healthy).toBe(true)
      expect(await backend.cacheNames()).toEqual(['users'])
    })

    it('on a cluster they need one right more, and a start without it is refused with the right to give', async () => {
      const users = [
        { name: 'app', password: 'right', rights: [...rights, '+cluster|slots'] },
        { name: 'less', password: 'right', rights },
      ]
      const cluster = running.keep(await TestCluster.start({ kind, users }))
      const app = { cluster: cluster.urls, username: 'app', password: 'right' }
      const { backend } = await started(make(app))
      running.keep(backend)
      const names = Array.from({ length: 6 }, (_, index) => `cache${index}`)
      for (const name of names) await set(storeOf(backend, name), 'k', `"${name}"`, ['t'])
      for (const name of names) await storeOf(backend, name).change([{ kind: 'tags', tags: ['t'] }])
      for (const name of names) expect(await payloadOf(storeOf(backend, name), 'k')).toBeUndefined()
      expect((await backend.health()).healthy).toBe(true)
      const less = running.keep(make({ ...app, username: 'less' }))
      await expect(less.start(contextOf())).rejects.toMatchObject({
        code: 'BACKEND_REFUSED',
        message: expect.stringContaining('+cluster|slots'),
      })
    })
  })
}

/** Moves the slot of a key to another primary, empty. */
async function moveSlot(cluster: TestCluster, key: string): Promise<void> {
  const [any] = cluster.primaries
  const slot = Number(await any?.command(['CLUSTER', 'KEYSLOT', key]))
  const owner = cluster.primaries[Math.floor((slot * 3) / 16_384)]
  const target = cluster.primaries.find((node) => node !== owner)
  const targetId = String(await target?.command(['CLUSTER', 'MYID']))
  await owner?.command(['FLUSHALL'])
  for (const node of [target, owner, ...cluster.primaries])
    await node?.command(['CLUSTER', 'SETSLOT', slot, 'NODE', targetId])
}
