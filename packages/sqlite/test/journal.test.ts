import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCaches, WriteBehind } from '@cache/core'
import { memory } from '@cache/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sqliteJournal, type SqliteJournalOptions } from '../src/index.ts'
import { Child, makeDirectory, rawDriver, recordingDriver } from './fixture.ts'

async function journal(options: Partial<SqliteJournalOptions> = {}): Promise<{
  readonly file: string
  readonly again: () => ReturnType<typeof sqliteJournal>
}> {
  const file = join(await makeDirectory(), 'made', 'writes.db')
  const again = (): ReturnType<typeof sqliteJournal> => {
    const opened = sqliteJournal({ file, ...options })
    onTestFinished(() => opened.close())
    return opened
  }
  return { file, again }
}

describe('a journal of writes', () => {
  it('keeps the latest write of each key, oldest first, whatever its payload', async () => {
    const { again } = await journal()
    const first = again()
    expect(await first.open()).toEqual([])
    const bytes = new Uint8Array([0, 1, 255])
    const [a, b] = await Promise.all([
      first.put({ key: 'a', payload: '1', format: 1 }),
      first.put({ key: 'b\0ü', payload: bytes, format: 3 }),
    ])
    const later = await first.put({ key: 'a', payload: '', format: 1 })
    expect(a < b && b < later).toBe(true)
    await first.close()
    await first.close()
    const kept = await again().open()
    expect(kept.map(({ key, format, sequence }) => [key, format, sequence])).toEqual([
      ['b\0ü', 3, b],
      ['a', 1, later],
    ])
    expect(new Uint8Array(kept[0]?.payload as Uint8Array)).toEqual(bytes)
    expect(kept[1]?.payload).toBe('')
  })

  it('forgets a write, and not the one that took its place; no sequence comes twice', async () => {
    const { again } = await journal()
    const first = again()
    await first.open()
    const old = await first.put({ key: 'a', payload: '1', format: 1 })
    const sequence = await first.put({ key: 'a', payload: '2', format: 1 })
    await first.forget([{ key: 'a', sequence: old }])
    await first.close()
    const second = again()
    expect(await second.open()).toEqual([{ key: 'a', payload: '2', format: 1, sequence }])
    await second.forget([{ key: 'a', sequence }])
    await second.close()
    const third = again()
    expect(await third.open()).toEqual([])
    expect(await third.put({ key: 'a', payload: '3', format: 1 })).toBeGreaterThan(sequence)
  })

  it('is one transaction for the writes of one tick', async () => {
    const { driver, statements } = recordingDriver()
    const { again } = await journal({ driver })
    const opened = again()
    await opened.open()
    statements.length = 0
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => opened.put({ key: `${index}`, payload: '1', format: 1 })),
    )
    expect(statements.filter((sql) => sql === 'COMMIT')).toHaveLength(1)
  })

  it('belongs to one process at a time, and is readable by its user alone', async () => {
    const { file, again } = await journal()
    const first = again()
    await first.open()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await expect(again().open()).rejects.toMatchObject({ code: 'BACKEND_LOCKED' })
    await first.close()
    expect(await again().open()).toEqual([])
  })

  it('waits for the disk unless it is told not to', async () => {
    for (const [durability, level] of [
      [undefined, 2],
      ['full', 2],
      ['normal', 1],
    ] as const) {
      let synchronous: unknown
      class Watched extends rawDriver {
        override close(): void {
          synchronous = this.pragma('synchronous', { simple: true })
          super.close()
        }
      }
      const { again } = await journal({ driver: Watched, durability })
      const opened = again()
      await opened.open()
      await opened.close()
      expect(synchronous).toBe(level)
    }
  })

  it('takes over no file of others, and none of a later version, and loses none that is damaged', async () => {
    const { file, again } = await journal()
    const first = again()
    await first.open()
    await first.close()
    const raw = new rawDriver(file)
    raw.pragma('user_version = 9')
    raw.close()
    await expect(again().open()).rejects.toMatchObject({ code: 'BACKEND_REFUSED' })
    const other = new rawDriver(file)
    other.pragma('application_id = 5')
    other.close()
    await expect(again().open()).rejects.toMatchObject({ code: 'BACKEND_REFUSED' })
    writeFileSync(file, 'no database at all, and long enough to look like one'.repeat(20))
    await expect(again().open()).rejects.toMatchObject({ code: 'BACKEND_CORRUPT' })
    expect(existsSync(file)).toBe(true)
  })

  it('says that it is closed', async () => {
    const { again } = await journal()
    const opened = again()
    await expect(opened.put({ key: 'a', payload: '1', format: 1 })).rejects.toMatchObject({ code: 'CLOSED' })
    await opened.open()
    await expect(opened.open()).rejects.toMatchObject({ code: 'CLOSED' })
    const last = opened.put({ key: 'a', payload: '1', format: 1 })
    await opened.close()
    expect(await last).toBeGreaterThan(0)
    await expect(opened.forget([])).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('reports a write that did not fit, and keeps what it had', async () => {
    const { again } = await journal({
      onOpen: (database) => void database.pragma('max_page_count = 10'),
    })
    const opened = again()
    await opened.open()
    await opened.put({ key: 'a', payload: '1', format: 1 })
    const large = opened.put({ key: 'a', payload: 'x'.repeat(100_000), format: 1 })
    await expect(large).rejects.toMatchObject({ code: 'BACKEND_FULL' })
    await opened.close()
    expect(await again().open()).toMatchObject([{ key: 'a', payload: '1' }])
  })

  it.each([
    {},
    { file: '' },
    { file: 5 },
    { file: 'x', durability: 'none' },
    { file: 'x', driver: 1 },
    { file: 'x', onOpen: 1 },
    { file: 'x', directory: 'y' },
    undefined,
  ])('refuses %o', (options) => {
    expect(() => sqliteJournal(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('write-behind over a journal, in a process that is killed', () => {
  it('loses nothing that was acknowledged, time after time', { timeout: 120_000 }, async () => {
    const directory = await makeDirectory()
    const acknowledged = new Map<string, number>()
    for (let life = 0; life < 4; life++) {
      const child = new Child('write-behind', directory)
      expect(await child.line()).toMatch(/^restored \d+$/)
      for (let lines = 0; lines < 300; lines++) {
        const [key = '', value = ''] = (await child.line()).split(' ')
        acknowledged.set(key, Number(value))
      }
      await child.kill()
      const source = await restored(directory)
      for (const [key, value] of acknowledged) expect(source.get(key)).toBeGreaterThanOrEqual(value)
      acknowledged.clear()
    }
  })
})

/** What the source has after a new process has taken the journal over. */
async function restored(directory: string): Promise<Map<string, number>> {
  await using caches = await createCaches({ backend: memory() })
  const text = existsSync(join(directory, 'source.txt'))
    ? readFileSync(join(directory, 'source.txt'), 'utf8')
    : ''
  const source = new Map<string, number>()
  for (const line of text.split('\n').filter(Boolean)) {
    const [key = '', value = ''] = line.split(' ')
    source.set(key, Number(value))
  }
  const queue = new WriteBehind<number>(
    caches.define('counters'),
    async (entries) => {
      for (const [key, value] of entries) source.set(String(key), value)
    },
    { journal: sqliteJournal({ file: join(directory, 'writes.journal') }) },
  )
  await queue.restore()
  expect(await queue.close()).toEqual([])
  return source
}
