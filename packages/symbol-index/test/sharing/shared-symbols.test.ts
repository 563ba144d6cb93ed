import { readdir, rm, truncate, utimes } from 'node:fs/promises'
import { join } from 'node:path'

import { createCaches } from '@cache/core'
import type { Caches } from '@cache/core'
import { sqlite } from '@cache/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { SymbolIndex } from '../../src/index.ts'
import { shareSymbols } from '../../src/sharing/index.ts'
import type { SharedSymbols, ShareOptions } from '../../src/sharing/index.ts'
import { useDirectory } from '../fixtures/directory.ts'
import { generationMaster } from './generation-master.ts'

const directory = useDirectory()
const inline = { thread: 'inline' } as const
let ours: Caches
let theirs: Caches

beforeEach(async () => {
  ours = await createCaches({ backend: sqlite({ directory: directory.path('db') }) })
  theirs = await createCaches({ backend: sqlite({ directory: directory.path('db') }) })
})
afterEach(async () => {
  await ours.close()
  await theirs.close()
})

interface Member {
  readonly index: SymbolIndex
  readonly shared: SharedSymbols
}

/** A member that looks only when it is told to. */
async function member(caches: Caches, options: Partial<ShareOptions> = {}): Promise<Member> {
  const index = new SymbolIndex()
  return { index, shared: await shareSymbols(index, { caches, every: '1h', ...options }) }
}

describe.each([
  ['through a directory', () => ({ directory: directory.path('snapshots') })],
  ['through the backend', () => ({})],
])('sharing %s', (_, options) => {
  it('gives a member that joins the set of the others', async () => {
    const one = await member(ours, options())
    const { current } = await one.shared.import(generationMaster(1), inline)
    const two = await member(theirs, options())
    expect(two.index.notice).toEqual(current)
    expect(two.shared.status).toMatchObject({ inStep: true, failures: 0, published: { generation: 1 } })
  })

  it('lets the latest publication count, whoever made it', async () => {
    const one = await member(ours, options())
    const two = await member(theirs, options())
    // The second member's clock is behind: its set looks older.
    await one.shared.import(generationMaster(1), { ...inline, now: () => 2000 })
    await two.shared.import(generationMaster(2), { ...inline, now: () => 1000 })
    expect(await one.shared.sync()).toBe(true)
    expect(one.index.get('S0', 'NSE')?.token).toBe('2-0')
    expect(await one.shared.sync()).toBe(false)
    expect(await two.shared.sync()).toBe(false)
  })

  it('survives that all caches are cleared', async () => {
    const one = await member(ours, options())
    await one.shared.import(generationMaster(1), inline)
    await ours.clear()
    expect((await member(theirs, options())).index.size).toBe(20)
  })

  it('can publish a set that was imported before', async () => {
    const index = new SymbolIndex()
    await index.import(generationMaster(1), inline)
    const shared = await shareSymbols(index, { caches: ours, ...options() })
    expect(shared.status).toMatchObject({ published: undefined, inStep: false })
    expect(await shared.publish()).toMatchObject({
      hash: index.current.hash,
      generation: 1,
      before: undefined,
    })
    expect((await member(theirs, options())).index.current.hash).toBe(index.current.hash)
    await shared.close()
  })

  it('publishes nothing when an import is refused', async () => {
    const one = await member(ours, options())
    await one.shared.import(generationMaster(1), inline)
    await expect(one.shared.import(generationMaster(2, 2), inline)).rejects.toMatchObject({
      code: 'ROW_COUNT_OUT_OF_TOLERANCE',
    })
    expect((await member(theirs, options())).index.get('S0', 'NSE')?.token).toBe('1-0')
  })
})

describe('a member', () => {
  it('keeps its set and says why when a published file is gone or cut short, and takes it up once it is mended', async () => {
    const options = { directory: directory.path('snapshots') }
    const one = await member(ours, options)
    await one.shared.import(generationMaster(1), inline)
    const two = await member(theirs, options)
    const { current } = await one.shared.import(generationMaster(2), inline)
    const path = join(options.directory, `symbols-${current.hash}.snapshot`)
    await truncate(path, 1000)
    await expect(two.shared.sync()).rejects.toMatchObject({ code: 'SNAPSHOT_TRUNCATED' })
    await rm(path)
    await expect(two.shared.sync()).rejects.toMatchObject({ code: 'SNAPSHOT_IO' })
    expect(two.index.get('S0', 'NSE')?.token).toBe('1-0')
    expect(two.shared.status).toMatchObject({ inStep: false, failures: 2, fault: { code: 'SNAPSHOT_IO' } })
    await one.shared.publish()
    expect(await two.shared.sync()).toBe(true)
    expect(two.shared.status).toMatchObject({ inStep: true, fault: undefined })
  })

  it('refuses pieces that are missing', async () => {
    const one = await member(ours)
    await one.shared.import(generationMaster(1), inline)
    const pieces = theirs.defineState('symbols:pieces')
    await pieces.clear()
    const third = await createCaches({ backend: sqlite({ directory: directory.path('db') }) })
    const two = await member(third)
    expect(two.index.size).toBe(0)
    expect(two.shared.status.fault).toMatchObject({ code: 'SNAPSHOT_IO' })
    await third.close()
  })

  it.each([
    'nonsense',
    { id: 'x', hash: '../../etc/passwd', size: 1, importedAtMs: 0, generation: 1, bytes: 10 },
    { id: 'x', hash: 'f'.repeat(64), size: 1, importedAtMs: 0, generation: 1, bytes: 2 ** 40 },
  ])('refuses an announcement that is none: %j', async (value) => {
    await theirs.defineState<unknown>('symbols:published').set('latest', value, { ttl: Infinity })
    const { index, shared } = await member(ours)
    expect(index.size).toBe(0)
    expect(shared.status.fault).toMatchObject({ code: 'SNAPSHOT_ALTERED' })
  })

  it('leaves the sets before the last two to nobody', async () => {
    const options = { directory: directory.path('snapshots') }
    const one = await member(ours, options)
    const published: string[] = []
    for (let generation = 1; generation <= 4; generation++) {
      const { current } = await one.shared.import(generationMaster(generation), inline)
      published.push(`symbols-${current.hash}.snapshot`)
      await utimes(join(options.directory, `symbols-${current.hash}.snapshot`), 1000, 1000)
    }
    expect((await readdir(options.directory)).sort()).toEqual(published.slice(2).sort())
    const two = await member(theirs)
    for (let generation = 1; generation <= 4; generation++)
      await two.shared.import(generationMaster(generation), inline)
    expect(two.shared.status.published?.generation).toBe(8)
    const third = await createCaches({ backend: sqlite({ directory: directory.path('db') }) })
    expect(await third.defineState('symbols:pieces').size()).toBe(2)
    await third.close()
  })

  it('refuses options that it does not know or that can not be meant', async () => {
    const index = new SymbolIndex()
    await expect(shareSymbols(index, { caches: ours, dir: 'x' } as ShareOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("no option 'dir'") as string,
    })
    for (const wrong of [{ name: 'A/B' }, { every: 0 }, { every: Infinity }])
      await expect(shareSymbols(index, { caches: ours, ...wrong })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      })
  })

  it('that is closed does nothing more, and says so', async () => {
    const { shared } = await member(ours)
    await shared.close()
    await shared.close()
    await expect(shared.sync()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('with nothing to publish says so', async () => {
    const { shared } = await member(ours)
    await expect(shared.publish()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
