import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CacheStats } from '@cache/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { zeromq } from '../src/zeromq/index.ts'
import { patience } from './support/patience.ts'
import { Peer } from './support/peer.ts'

let directory = ''
const peers: Peer[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'peers-'))
})

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.end()))
  await rm(directory, { recursive: true, force: true })
})

async function start(count: number): Promise<Peer[]> {
  const started = await Promise.all(Array.from({ length: count }, () => Peer.start(directory)))
  peers.push(...started)
  return started
}

/** Gives every peer a copy in its own memory. */
async function warm(all: readonly Peer[], key: string): Promise<void> {
  await all[0]?.tell('set', key, 'old')
  for (const peer of all) {
    await expect
      .poll(async () => {
        await peer.tell('get', key)
        return peer.tell('peek', key)
      }, patience)
      .toBe('old')
  }
}

const timeout = 60_000

describe('SQLite with ZeroMQ between processes', { timeout }, () => {
  it.each(['delete', 'set', 'tags', 'clear', 'clearAll'] as const)(
    'a %s leaves the memory of all others, without a question to the file',
    async (what) => {
      const all = await start(3)
      const [first] = all
      await warm(all, 'k')
      await first?.tell(what, what === 'tags' ? 't-k' : 'k', 'new')
      for (const peer of all.slice(1))
        await expect.poll(() => peer.tell('peek', 'k'), patience).toBe(undefined)
      for (const peer of all.slice(1))
        expect(await peer.tell('get', 'k')).toBe(what === 'set' ? 'new' : undefined)
    },
  )

  it('a clear reaches caches that the process which clears has not defined', async () => {
    const all = await start(2)
    await warm(all, 'k')
    const [stranger] = await start(1)
    await expect.poll(async () => (await readdir(join(directory, 'bus'))).length, patience).toBe(3)
    await stranger?.tell('clearAll')
    for (const peer of all) await expect.poll(() => peer.tell('peek', 'k'), patience).toBe(undefined)
  })

  it('processes may be killed and replaced, the first one too', async () => {
    const [first, ...others] = await start(3)
    await first?.end('SIGKILL')
    await warm(others, 'k')
    const replacements = await start(1)
    const present = [...others, ...replacements]
    await warm(present, 'l')
    await replacements[0]?.tell('delete', 'l')
    for (const peer of present) await expect.poll(() => peer.tell('peek', 'l'), patience).toBe(undefined)
    await expect.poll(async () => (await readdir(join(directory, 'bus'))).length, patience).toBe(3)
  })

  it('in order and without gaps, so that nobody has to ask', async () => {
    const all = await start(3)
    await warm(all, 'k')
    const before = await Promise.all(all.map((peer) => peer.tell('stats') as Promise<CacheStats>))
    for (let index = 0; index < 200; index++) await all[index % 3]?.tell('set', `k${index}`, 'v')
    await all[0]?.tell('delete', 'k')
    for (const peer of all) await expect.poll(() => peer.tell('peek', 'k'), patience).toBe(undefined)
    const after = await Promise.all(all.map((peer) => peer.tell('stats') as Promise<CacheStats>))
    for (const [index, { syncs, messages }] of after.entries()) {
      expect(messages - (before[index]?.messages ?? 0)).toBeGreaterThan(100)
      expect(syncs - (before[index]?.syncs ?? 0)).toBeLessThan(20)
    }
  })
})

describe('zeromq()', () => {
  it.each([{}, { directory: '' }, { directory: 'x', port: 1 }, { directory: 'x'.repeat(200) }])(
    'refuses %j',
    (options) => {
      expect(() => zeromq(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    },
  )

  it('says so where no socket can be made', async () => {
    const context = { prefix: 'p', clock: undefined as never, report: () => undefined }
    const listener = { onMessage: () => undefined, onConnect: () => undefined }
    const transport = zeromq({ directory: '/dev/null/bus' })
    await expect(transport.start(listener, context)).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
  })
})
