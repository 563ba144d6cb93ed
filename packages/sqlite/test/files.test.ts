import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManualClock, newEntry } from '@cache/conformance'
import { epochOf, get, makeDirectory, open, pathIn, payloadOf, rawOpen, set } from './fixture.ts'

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

describe('files', () => {
  it('are made for their owner alone, in a directory for its owner alone', async () => {
    const directory = join(await makeDirectory(), 'made', 'here')
    const { store } = await open({ directory })
    await set(store, 'k')
    expect(await modeOf(directory)).toBe('700')
    for (const name of await readdir(directory))
      expect([name, await modeOf(join(directory, name))]).toEqual([name, '600'])
    expect((await readdir(directory)).sort()).toEqual([
      '.cache.lock',
      'cache_cases.db',
      'cache_cases.db-shm',
      'cache_cases.db-wal',
    ])
  })

  it('are not touched before a cache is used', async () => {
    const directory = await makeDirectory()
    const { backend } = await open({ directory })
    await backend.close()
    expect(await readdir(directory)).toEqual(['.cache.lock'])
  })

  it('are one for each cache, whatever its versions', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await open({ directory, limits: { cache: 'market:quote' } })
    await set(store, 'k')
    const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
    const other = backend.store({ cache: 'market:quote', version: 2, ...limits, onEvict: () => undefined })
    await set(other, 'k2')
    expect(backend.store({ cache: 'market:quote', version: 2, ...limits, onEvict: () => undefined })).toBe(
      other,
    )
    expect((await readdir(directory)).filter((name) => name.endsWith('.db'))).toEqual([
      'cache_market.quote.db',
    ])
    expect(await backend.cacheNames()).toEqual(['market:quote'])
  })

  it('of other kinds are no caches', async () => {
    const directory = await makeDirectory()
    for (const name of [
      'cache_.db',
      'notes.db',
      'cache_a.db-wal',
      'cache_b.db.corrupt-1',
      'cache_%zz.db',
      'cache_a b.db',
    ])
      await writeFile(join(directory, name), '')
    const { backend } = await open({ directory })
    expect(await backend.cacheNames()).toEqual([])
  })

  it('open to other users are warned of, and facts are told', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await open({ directory })
    await set(store, 'k')
    const { healthy, details, warnings } = await backend.health()
    expect([healthy, warnings]).toEqual([true, []])
    expect(details).toMatchObject({
      directory,
      durability: 'normal',
      [`${pathIn(directory)}.journalMode`]: 'wal',
      [`${pathIn(directory)}.entries`]: 1,
    })
    await chmod(pathIn(directory), 0o644)
    await chmod(directory, 0o755)
    expect((await backend.health()).warnings).toEqual([
      `${directory} is open to other users: chmod 700 it`,
      `${pathIn(directory)} is open to other users: chmod 600 it`,
    ])
  })

  it('of another program are refused, not taken over', async () => {
    const directory = await makeDirectory()
    const theirs = rawOpen(pathIn(directory))
    theirs.exec('CREATE TABLE theirs (a)')
    const { store } = await open({ directory })
    await expect(get(store, 'k')).rejects.toMatchObject({ code: 'BACKEND_REFUSED' })
    expect(theirs.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['theirs'])
  })

  it('of a later layout are refused, not taken over', async () => {
    const directory = await makeDirectory()
    const first = await open({ directory })
    await set(first.store, 'k')
    await first.backend.close()
    rawOpen(pathIn(directory)).pragma('user_version = 2')
    const { store } = await open({ directory })
    await expect(get(store, 'k')).rejects.toMatchObject({ code: 'BACKEND_REFUSED' })
  })

  it('give freed space back at the vacuum interval', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { store } = await open({ directory, clock, vacuumInterval: '1h' })
    const payload = 'x'.repeat(100_000)
    for (let key = 0; key < 50; key++) await set(store, `k${key}`, { payload })
    await store.change([{ kind: 'clear' }])
    const database = rawOpen(pathIn(directory))
    const pages = (): number => Number(database.pragma('page_count', { simple: true }))
    expect(pages()).toBeGreaterThan(1000)
    await clock.advanceAsync(3_600_000)
    await expect.poll(pages, { timeout: 10_000 }).toBeLessThan(50)
  })
})

describe('a file that is replaced while it is open', () => {
  it('is noticed: a removed file is made anew with another epoch', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { store, reports } = await open({ directory, clock })
    await set(store, 'k')
    const epoch = await epochOf(store)
    for (const name of await readdir(directory)) await rm(join(directory, name))
    clock.advance(1000)
    expect(await get(store, 'k')).toBeUndefined()
    expect(await epochOf(store)).not.toBe(epoch)
    await set(store, 'k', { payload: 'new' })
    expect(await payloadOf(store, 'k')).toBe('new')
    expect(reports.join()).toContain('removed or replaced')
  })

  it('is noticed: a removed directory is reported, and used again when it is back', async () => {
    const parent = await makeDirectory()
    const directory = join(parent, 'db')
    const clock = new ManualClock()
    const { store } = await open({ directory, clock })
    await set(store, 'k')
    await rm(directory, { recursive: true })
    clock.advance(1000)
    await expect(get(store, 'k')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await mkdir(directory)
    await set(store, 'k', { payload: 'again' })
    expect(await payloadOf(store, 'k')).toBe('again')
  })

  it('is noticed by processes that write to it: they meet again in the new file', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const one = await open({ directory, clock })
    const two = await open({ directory, clock })
    await set(one.store, 'k')
    await set(two.store, 'k')
    await rename(pathIn(directory), join(directory, 'elsewhere'))
    clock.advance(1000)
    await Promise.all([set(one.store, 'one'), set(two.store, 'two')])
    expect(await epochOf(one.store)).toBe(await epochOf(two.store))
    expect(await payloadOf(one.store, 'two')).toBe('"value"')
    expect(await payloadOf(two.store, 'one')).toBe('"value"')
  })
})

describe('closing', () => {
  it('writes what was queued, and leaves one file per cache', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await open({ directory })
    const pending = Array.from({ length: 100 }, (_, key) =>
      store.change([{ kind: 'set', key: `k${key}`, entry: newEntry() }]),
    )
    await backend.close()
    await Promise.all(pending)
    expect((await readdir(directory)).sort()).toEqual(['.cache.lock', 'cache_cases.db'])
    const again = await open({ directory })
    expect(await again.store.count()).toBe(100)
  })

  it('leaves no timer behind', async () => {
    const clock = new ManualClock()
    const { backend, store } = await open({ directory: await makeDirectory(), clock })
    await set(store, 'k')
    await get(store, 'k')
    await backend.close()
    expect(clock.pendingTimers).toBe(0)
  })
})
