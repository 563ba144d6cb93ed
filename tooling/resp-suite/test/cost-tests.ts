import { connect } from 'node:net'

import { createCaches, type Cache, type Caches, type CachesOptions } from '@cache/core'
import { memory } from '@cache/memory'
import { type ServerKind, TestServer, until } from '@cache/tooling-servers'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import type { MakeBackend } from './fault-tests.ts'

/** What calls cost the server, in commands that it is sent. */
export function testCosts(kind: ServerKind, make: MakeBackend): void {
  describe(`${kind}: what a call costs the server`, () => {
    let server: TestServer
    beforeAll(async () => {
      server = await TestServer.start({ kind })
    })
    afterAll(() => server.stop())

    async function opened(
      options: Partial<CachesOptions> = {},
    ): Promise<{ readonly caches: Caches; readonly cache: Cache<string> }> {
      const backend = make({ url: server.url })
      const caches = await createCaches({ backend, upkeep: { onStart: false }, ...options })
      onTestFinished(() => caches.close())
      const cache = caches.define<string>('values', { ttl: '1h' })
      await cache.set('warm', 'v', { tags: ['t0'] })
      await cache.get('warm')
      return { caches, cache }
    }

    /** The names of the commands that clients send meanwhile. */
    async function sent(action: () => Promise<unknown>): Promise<string[]> {
      const socket = connect(server.port, '127.0.0.1')
      let heard = ''
      socket.on('data', (bytes) => (heard += String(bytes)))
      socket.write('MONITOR\r\n')
      await until('the server tells of its commands', async () => heard.includes('+OK'))
      await action()
      // Commands come in order, and this one last.
      await server.command(['ECHO', 'that is all'])
      await until('it has told of all', async () => heard.includes('that is all'))
      socket.destroy()
      // What runs inside a script is the server's own affair.
      const lines = heard.split('\r\n').filter((line) => line.includes('] "') && !line.includes(' lua] '))
      const names = lines.map((line) => /\] "(\w+)"/.exec(line)?.[1]?.toLowerCase() ?? '')
      return names.filter((name) => name !== 'echo')
    }

    it('nothing for a hit in memory, with tags or without', async () => {
      const { cache } = await opened({ l1: memory(), within: '1h' })
      expect(await sent(() => cache.get('warm'))).toEqual([])
      expect(await sent(() => cache.getOrLoad('warm', () => 'never'))).toEqual([])
    })

    it('one command for a hit, two for a miss with its fill', async () => {
      const { cache } = await opened()
      await cache.set('plain', 'v')
      expect(await sent(() => cache.get('plain'))).toEqual(['mget'])
      expect(await sent(() => cache.getOrLoad('cold', () => 'loaded'))).toHaveLength(2)
    })

    it('one command for a batch of 100 reads', async () => {
      const { cache } = await opened()
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
      await cache.setMany(keys.map((key) => [key, key] as const))
      const commands = await sent(async () => expect(await cache.getMany(keys)).toEqual(keys))
      expect(commands).toEqual(['mget'])
    })

    it('one command for 20 tags, whatever the number of entries', async () => {
      const { cache } = await opened()
      const tags = Array.from({ length: 20 }, (_, index) => `t${index}`)
      await cache.setMany(
        Array.from({ length: 200 }, (_, index) => [`tagged${index}`, 'v'] as const),
        { tags },
      )
      expect(await sent(() => cache.invalidateTags(tags))).toEqual(['evalsha'])
      expect(await cache.get('tagged7')).toBeUndefined()
    })

    it('clearing leaves what others keep on the server', async () => {
      const { caches, cache } = await opened()
      await server.command(['SET', 'of another program', 'x'])
      await caches.clear()
      expect(await cache.get('warm')).toBeUndefined()
      expect(await server.command(['GET', 'of another program'])).toBe('x')
    })
  })
}
