import { open as openHandle, readdir, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '@cache/conformance'
import { Child, epochOf, get, makeDirectory, open, pathIn, payloadOf, rawOpen, set } from './fixture.ts'

/** A closed cache of many pages. */
async function writeCache(directory: string): Promise<string> {
  const { backend, store } = await open({ directory })
  for (let key = 0; key < 100; key++) await set(store, `k${key}`, { payload: 'x'.repeat(1000) })
  const epoch = await epochOf(store)
  await backend.close()
  return epoch
}

async function overwrite(path: string, from: number, length: number): Promise<void> {
  const file = await openHandle(path, 'r+')
  await file.write(Buffer.alloc(length, 0xa5), 0, length, from)
  await file.close()
}

async function setAsideIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.includes('.corrupt-') && !/-(wal|shm)$/.test(name))
}

const damages: Readonly<Record<string, (path: string) => Promise<void>>> = {
  'a garbage header': (path) => overwrite(path, 0, 100),
  'a garbage first page': (path) => overwrite(path, 0, 4096),
  'a text in place of a database': (path) => writeFile(path, 'not a database, by no means '.repeat(100)),
  'a flipped schema page': (path) => overwrite(path, 100, 3996),
  'a missing tail': (path) => truncate(path, 3 * 4096),
  'a tail that ends within a page': (path) => truncate(path, 5000),
  'flipped pages in the middle': (path) => overwrite(path, 3 * 4096, 40 * 4096),
}

describe('a damaged file', () => {
  for (const [name, damage] of Object.entries(damages)) {
    it(`with ${name} is moved aside, reported, and a new one begun`, async () => {
      const directory = await makeDirectory()
      const epoch = await writeCache(directory)
      await damage(pathIn(directory))
      const { store, reports } = await open({ directory })
      const reads = await Promise.all(Array.from({ length: 100 }, (_, key) => get(store, `k${key}`)))
      await Promise.all(Array.from({ length: 100 }, (_, key) => set(store, `new${key}`)))
      expect(reads.length).toBe(100)
      expect(await get(store, 'new0')).toBeDefined()
      expect(await epochOf(store)).not.toBe(epoch)
      expect(reports.join()).toContain('is damaged; it was moved to')
      expect((await setAsideIn(directory)).length).toBe(1)
    })
  }

  it('that is emptied is begun anew', async () => {
    const directory = await makeDirectory()
    const epoch = await writeCache(directory)
    await truncate(pathIn(directory), 0)
    const { store } = await open({ directory })
    expect(await get(store, 'k0')).toBeUndefined()
    expect(await epochOf(store)).not.toBe(epoch)
  })

  it('that lacks a table is damaged too', async () => {
    const directory = await makeDirectory()
    await writeCache(directory)
    const database = rawOpen(pathIn(directory))
    database.exec('DROP TABLE leases')
    database.close()
    const { store, reports } = await open({ directory })
    await set(store, 'k')
    expect(reports.join()).toContain('is damaged')
  })

  it('is moved aside with what it was damaged in, and only the latest three are kept', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    for (let round = 0; round < 5; round++) {
      clock.advance(1000)
      await writeFile(pathIn(directory), 'x'.repeat(5000))
      const { backend, store } = await open({ directory, clock })
      await set(store, 'k')
      await backend.close()
    }
    expect((await setAsideIn(directory)).length).toBe(3)
  })

  it('met while it is in use is replaced, and the call that met it succeeds', async () => {
    const directory = await makeDirectory()
    await writeCache(directory)
    const { store, reports } = await open({ directory })
    await get(store, 'k0')
    await overwrite(pathIn(directory), 2 * 4096, 50 * 4096)
    for (let key = 0; key < 100; key++) await set(store, `k${key}`, { payload: `${key}` })
    for (let key = 0; key < 100; key++) expect(await payloadOf(store, `k${key}`)).toBe(`${key}`)
    expect(reports.filter((report) => report.includes('is damaged')).length).toBe(1)
  })

  it('met by several processes at once is moved aside once, and they meet in the new one', async () => {
    const directory = await makeDirectory()
    for (let round = 0; round < 2; round++) {
      await writeFile(pathIn(directory), 'garbage '.repeat(1000))
      const names = ['a', 'b', 'c', 'd', 'e']
      const children = names.map((name) => new Child('reading-damaged', directory, name))
      await Promise.all(children.map((child) => child.line()))
      for (const child of children) child.say('go')
      await Promise.all(children.map((child) => child.line()))
      const { backend, store } = await open({ directory })
      for (const name of names) expect(await payloadOf(store, name)).toBe(name)
      await backend.close()
      for (const child of children) child.say('end')
      await Promise.all(children.map((child) => child.ended()))
      expect((await setAsideIn(directory)).length).toBe(round + 1)
    }
  })
})
