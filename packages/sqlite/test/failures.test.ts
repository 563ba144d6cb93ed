import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SqliteDatabase } from '../src/index.ts'
import { newEntry } from '@cache/conformance'
import { get, makeDirectory, open, pathIn, payloadOf, rawDriver, set, type OpenOptions } from './fixture.ts'

/** Root may write anywhere: what is forbidden is tried as somebody else. */
async function asNobody<T>(directory: string, action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return action()
  await chmod(directory, 0o755)
  process.seteuid?.(65_534)
  try {
    return await action()
  } finally {
    process.seteuid?.(0)
  }
}

/** A small file system of its own where that is permitted, else a file that may not grow. */
async function fullDisk(): Promise<OpenOptions> {
  const directory = join(await makeDirectory(), 'full')
  await mkdir(directory)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory], { stdio: 'ignore' })
    onTestFinished(() => void execFileSync('umount', ['-l', directory]))
    return { directory }
  } catch {
    return { directory, onOpen: (database) => void database.pragma('max_page_count = 400') }
  }
}

/** A connection that is turned read-only after everything is prepared. */
class readOnlyOnceOpened extends rawDriver {
  override pragma(source: string, options?: { readonly simple?: boolean }): unknown {
    const result = super.pragma(source, options)
    if (source === 'synchronous = NORMAL') super.pragma('query_only = 1')
    return result
  }
}

/** Makes SQLite refuse long payloads, as it does by itself above a gigabyte. */
function refuseLong(database: SqliteDatabase): void {
  database.exec(`
    CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.entries WHEN length(new.payload) > 100000
    BEGIN SELECT raise(ABORT, 'too long'); END`)
}

describe('a full disk', () => {
  const setLarge = async (options: OpenOptions): Promise<string> => {
    const { store } = await open(options)
    await set(store, 'small', { payload: 'before' })
    const large = (key: string) =>
      store.change([{ kind: 'set', key, entry: newEntry({ payload: 'x'.repeat(3_000_000) }) }])
    await expect(large('large')).rejects.toMatchObject({
      code: 'BACKEND_FULL',
      message: expect.stringContaining('maxBytes') as string,
    })
    expect(await payloadOf(store, 'small')).toBe('before')
    const together = await Promise.allSettled([set(store, 'a'), large('b'), set(store, 'c')])
    expect(together.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await get(store, 'b')).toBeUndefined()
    expect(await store.count()).toBe(3)
    return String(await payloadOf(store, 'c'))
  }

  it('is reported as BACKEND_FULL, and what fits is still written', async () => {
    expect(await setLarge(await fullDisk())).toBe('"value"')
  })

  it('is reported as BACKEND_FULL where the file may not grow', async () => {
    const directory = await makeDirectory()
    const options: OpenOptions = {
      directory,
      onOpen: (database) => void database.pragma('max_page_count = 400'),
    }
    expect(await setLarge(options)).toBe('"value"')
  })
})

describe('what may not be written', () => {
  it('is reported as BACKEND_READ_ONLY: a directory', async () => {
    const directory = await makeDirectory()
    await chmod(directory, 0o555)
    await asNobody(directory, async () => {
      await expect(open({ directory })).rejects.toMatchObject({ code: 'BACKEND_READ_ONLY' })
    })
  })

  it('is reported as BACKEND_READ_ONLY or BACKEND_UNREACHABLE: a file', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await open({ directory })
    await set(store, 'k')
    await backend.close()
    const late = await open({ directory })
    await asNobody(directory, async () => {
      await chmod(pathIn(directory), 0o444).catch(() => undefined)
      await expect(set(late.store, 'k')).rejects.toMatchObject({
        code: expect.stringMatching(/^BACKEND_(READ_ONLY|UNREACHABLE)$/) as string,
        message: expect.stringContaining('read and write') as string,
      })
    })
    await chmod(pathIn(directory), 0o600)
    await set(late.store, 'k')
  })

  it('is reported as BACKEND_READ_ONLY: a connection, which reads all the same', async () => {
    const directory = await makeDirectory()
    const first = await open({ directory })
    await set(first.store, 'k', { payload: 'kept' })
    const { store } = await open({ directory, driver: readOnlyOnceOpened })
    expect(await payloadOf(store, 'k')).toBe('kept')
    await expect(set(store, 'k')).rejects.toMatchObject({ code: 'BACKEND_READ_ONLY' })
  })
})

describe('what cannot be reached', () => {
  it('is reported as BACKEND_UNREACHABLE: a directory that is a file', async () => {
    const path = join(await makeDirectory(), 'file')
    await writeFile(path, '')
    await expect(open({ directory: path })).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await expect(open({ directory: join(path, 'below') })).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
    })
  })

  it('is reported as BACKEND_UNREACHABLE: a cache file that is a directory', async () => {
    const directory = await makeDirectory()
    await mkdir(pathIn(directory))
    const { store, backend } = await open({ directory })
    await expect(get(store, 'k')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await expect(set(store, 'k')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect((await backend.health()).healthy).toBe(false)
  })
})

describe('a value that SQLite cannot store', () => {
  it('fails alone: what was queued with it is written', async () => {
    const { store } = await open({ directory: await makeDirectory() })
    const bad = (key: string) =>
      store.change([
        { kind: 'set', key: `${key}-with`, entry: newEntry() },
        { kind: 'set', key, entry: newEntry({ payload: { no: 'payload' } }) },
      ])
    const results = await Promise.allSettled([
      set(store, 'a'),
      bad('bad'),
      set(store, 'b', { tags: ['t'] }),
      bad('worse'),
      store.acquire('c', { token: 'token', leaseMs: 1000 }),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(results[1]).toMatchObject({ reason: { code: 'INVALID_VALUE' } })
    expect(await get(store, 'bad-with')).toBeUndefined()
    expect(await store.count()).toBe(2)
  })

  it('is told from others where several steps share a statement', async () => {
    const directory = await makeDirectory()
    await set((await open({ directory })).store, 'k')
    const { store } = await open({ directory, onOpen: refuseLong })
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        set(store, `k${index}`, { payload: 'x'.repeat(index === 7 ? 200_000 : 10) }),
      ),
    )
    const rejected = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))
    expect(rejected).toEqual([7])
    expect(results[7]).toMatchObject({ reason: { code: 'BACKEND_FAILED' } })
    expect(await store.count()).toBe(40)
  })
})
