import { describe, expect, it } from 'vitest'
import { get, makeDirectory, open, pathIn, payloadOf, rawOpen, recordingDriver, set } from './fixture.ts'

describe('a burst of reads', () => {
  it('sees every commit of others at once', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory })
    await set(store, 'k', { payload: 'first' })
    const other = rawOpen(pathIn(directory))
    const update = other.prepare(`UPDATE entries SET payload = ? WHERE key = 'k'`)
    for (let read = 0; read < 5000; read++) {
      if (read % 7 === 0) update.run(`at ${read}`)
      expect(await payloadOf(store, 'k')).toBe(`at ${read - (read % 7)}`)
    }
  })

  it('sees its own writes at once', async () => {
    const { store } = await open({ directory: await makeDirectory() })
    for (let read = 0; read < 500; read++) {
      if (read % 10 === 0) await set(store, 'k', { payload: `${read}` })
      expect(await payloadOf(store, 'k')).toBe(`${read - (read % 10)}`)
    }
  })

  it('holds a lock that ends with the turn, and hinders no checkpoint then', async () => {
    const directory = await makeDirectory()
    const { driver, statements } = recordingDriver()
    const { store } = await open({ directory, driver })
    await set(store, 'k')
    statements.length = 0
    for (let read = 0; read < 100; read++) await get(store, 'k')
    expect(statements.filter((sql) => !sql.startsWith('SELECT'))).toEqual(['BEGIN'])
    const other = rawOpen(pathIn(directory))
    const truncate = (): unknown => (other.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[])[0]?.busy
    other.exec(`UPDATE entries SET access_count = 0`)
    expect(truncate()).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(statements.filter((sql) => sql === 'COMMIT').length).toBe(1)
    expect(truncate()).toBe(0)
  })

  it('of few reads takes no lock', async () => {
    const { driver, statements } = recordingDriver()
    const { store } = await open({ directory: await makeDirectory(), driver })
    await set(store, 'k')
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 3))
      statements.length = 0
      await get(store, 'k')
      await get(store, 'k')
      expect(statements).not.toContain('BEGIN')
    }
  })
})
