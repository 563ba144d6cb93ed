import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { SqliteDatabase, SqliteDriver } from '../src/index.ts'
import { get, makeDirectory, open, pathIn, payloadOf, set, type Opened } from './fixture.ts'

const driver = createRequire(import.meta.url)('better-sqlite3-multiple-ciphers') as SqliteDriver

function withKey(directory: string, key: string): Promise<Opened> {
  const onOpen = (database: SqliteDatabase): void => void database.pragma(`key = '${key}'`)
  return open({ directory, driver, onOpen })
}

describe('a file encrypted as a whole', () => {
  it('is written and read with its key, and shows nothing without', async () => {
    const directory = await makeDirectory()
    const first = await withKey(directory, 'secret')
    await set(first.store, 'visible-key', { payload: 'visible payload' })
    await first.backend.close()
    const bytes = (await readFile(pathIn(directory))).toString('latin1')
    expect(bytes).not.toContain('SQLite format 3')
    expect(bytes).not.toContain('visible')
    expect(await payloadOf((await withKey(directory, 'secret')).store, 'visible-key')).toBe('visible payload')
  })

  it('opened with another key is neither read nor moved away', async () => {
    const directory = await makeDirectory()
    const first = await withKey(directory, 'secret')
    await set(first.store, 'k')
    await first.backend.close()
    const { store, reports } = await withKey(directory, 'wrong')
    await expect(get(store, 'k')).rejects.toMatchObject({
      code: 'BACKEND_CORRUPT',
      message: expect.stringContaining('key') as string,
    })
    await expect(set(store, 'k')).rejects.toMatchObject({ code: 'BACKEND_CORRUPT' })
    expect(reports).toEqual([])
    expect(await get((await withKey(directory, 'secret')).store, 'k')).toBeDefined()
  })
})
