import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FORMAT_VERSION, importMaster, loadSnapshot, saveSnapshot, syntheticMaster } from '../src/index.ts'
import type { SymbolIndexError, SymbolSet } from '../src/index.ts'
import { useDirectory } from './fixtures/directory.ts'
import { fuzzRuns } from './fixtures/fuzz.ts'
import { angelMaster, angelOption, angelRow, importText, NOW_MS } from './fixtures/masters.ts'

const { set } = await importMaster(syntheticMaster({ rows: 400, dateMs: NOW_MS }), {
  thread: 'inline',
  now: () => NOW_MS,
})
const directory = useDirectory()

async function written(from: SymbolSet = set): Promise<Buffer<ArrayBuffer>> {
  await saveSnapshot(from, directory.path('whole'))
  return readFile(directory.path('whole'))
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  await writeFile(directory.path('altered'), bytes)
  return loadSnapshot(directory.path('altered')).then(
    () => 'loaded',
    (error: SymbolIndexError) => error.code,
  )
}

describe('a snapshot', () => {
  it('gives back the same set', async () => {
    await saveSnapshot(set, directory.path('s'))
    const loaded = await loadSnapshot(directory.path('s'))
    expect(loaded.hash).toBe(set.hash)
    expect(loaded.metadata).toEqual(set.metadata)
    expect(Array.from(loaded.instruments(), (row) => row.toJSON())).toEqual(
      Array.from(set.instruments(), (row) => row.toJSON()),
    )
  })

  it('is readable by its owner only, and leaves no other file', async () => {
    await saveSnapshot(set, directory.path('s'))
    await saveSnapshot(set, directory.path('s'))
    expect((await stat(directory.path('s'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dirname(directory.path('s')))).toEqual(['s'])
  })

  it('that can not be written leaves the old file and no other', async () => {
    await mkdir(directory.path('s'))
    await expect(saveSnapshot(set, directory.path('s'))).rejects.toMatchObject({ code: 'SNAPSHOT_IO' })
    expect(await readdir(dirname(directory.path('s')))).toEqual(['s'])
    await expect(saveSnapshot(set, directory.path('none/s'))).rejects.toMatchObject({ code: 'SNAPSHOT_IO' })
  })

  it('that does not exist is an I/O error', async () => {
    await expect(loadSnapshot(directory.path('none'))).rejects.toMatchObject({
      code: 'SNAPSHOT_IO',
      cause: { code: 'ENOENT' },
    })
  })

  it('of another content than expected is refused', async () => {
    await saveSnapshot(set, directory.path('s'))
    const load = loadSnapshot(directory.path('s'), { expectedHash: 'f'.repeat(64) })
    await expect(load).rejects.toMatchObject({ code: 'SNAPSHOT_ALTERED' })
  })

  it('of an older format is refused, and the message says what to do', async () => {
    const bytes = await written()
    bytes.writeUInt32LE(FORMAT_VERSION - 1, 8)
    await writeFile(directory.path('old'), bytes)
    await expect(loadSnapshot(directory.path('old'))).rejects.toMatchObject({
      code: 'SNAPSHOT_VERSION',
      message: expect.stringContaining('Import the master again') as string,
    })
  })

  it('of another byte order is refused', async () => {
    const bytes = await written()
    bytes.subarray(12, 16).reverse()
    expect(await codeOf(bytes)).toBe('SNAPSHOT_VERSION')
  })

  it.each([
    ['is empty', (bytes: Buffer) => bytes.subarray(0, 0), 'NOT_A_SNAPSHOT'],
    ['is something else', () => Buffer.from('[{"token":"1"}]'.repeat(100)), 'NOT_A_SNAPSHOT'],
    ['ends inside the header', (bytes: Buffer) => bytes.subarray(0, 100), 'SNAPSHOT_TRUNCATED'],
    ['ends early', (bytes: Buffer) => bytes.subarray(0, -1), 'SNAPSHOT_TRUNCATED'],
    ['goes on', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]), 'SNAPSHOT_TRUNCATED'],
  ])('that %s is refused', async (_, alter, code) => {
    expect(await codeOf(alter(await written()))).toBe(code)
  })

  it('altered in any byte is refused', async () => {
    const bytes = await written()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const altered = Buffer.from(bytes)
          altered[at] = (altered[at] ?? 0) ^ change
          expect(await codeOf(altered)).toMatch(/^(NOT_A_SNAPSHOT|SNAPSHOT_)/)
        },
      ),
      fuzzRuns(300),
    )
  })

  it('of random bytes behind a right beginning is refused', async () => {
    const bytes = await written()
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 700 }),
        fc.uint8Array({ maxLength: 700 }),
        async (keep, noise) => {
          const code = await codeOf(Buffer.concat([bytes.subarray(0, keep), noise]))
          expect(code).toMatch(/^(NOT_A_SNAPSHOT|SNAPSHOT_)/)
        },
      ),
      fuzzRuns(200),
    )
  })

  it('that a killed process was writing is whole: the one before or the one after', async () => {
    const path = directory.path('s')
    for (let kill = 0; kill < 4; kill++) {
      const writer = fork(join(import.meta.dirname, 'fixtures/snapshot-writer.ts'), [path])
      const ended = once(writer, 'exit')
      for (let writes = 0; writes < 3 + kill * 4; writes++) await once(writer, 'message')
      writer.kill('SIGKILL')
      await ended
      expect([1000, 2000]).toContain((await loadSnapshot(path)).size)
    }
  }, 60_000)

  it('takes with it what a killed process left unfinished ten minutes before', async () => {
    for (const name of ['.s.old.tmp', '.s.young.tmp', '.other.old.tmp'])
      await writeFile(directory.path(name), 'unfinished')
    await utimes(directory.path('.s.old.tmp'), 1000, 1000)
    await utimes(directory.path('.other.old.tmp'), 1000, 1000)
    await saveSnapshot(set, directory.path('s'))
    expect((await readdir(dirname(directory.path('s')))).sort()).toEqual([
      '.other.old.tmp',
      '.s.young.tmp',
      's',
    ])
  })
})

describe('the golden file of format version 1', () => {
  const golden = join(import.meta.dirname, 'golden/symbols-v1.snapshot')

  it('is read as it was written', async () => {
    const loaded = await loadSnapshot(golden)
    expect(FORMAT_VERSION).toBe(1)
    expect(loaded.metadata).toMatchObject({ format: 'angel-json', importedAtMs: NOW_MS })
    expect(loaded.get('INFY', 'NSE')).toMatchObject({ token: '1594', tickSize: 0.05, lotSize: 1 })
    expect(loaded.get('NIFTY28OCT2524000CE', 'NFO')).toMatchObject({
      token: '58768',
      strike: 24_000,
      lotSize: 75,
    })
    expect(loaded.get('NIFTY28OCT25292.5PE', 'NFO')).toMatchObject({ strike: 292.5, expiry: '28-OCT-25' })
    expect(loaded.size).toBe(3)
  })

  it('is what the same source gives today: another layout needs another version', async () => {
    const { set: today } = await importText(
      angelMaster([
        angelRow(),
        angelOption(),
        angelOption({ token: '58769', symbol: 'NIFTY28OCT25292.5PE', strike: '29250.000000' }),
      ]),
      { label: 'golden' },
    )
    await saveSnapshot(today, directory.path('today'))
    expect(await readFile(directory.path('today'))).toEqual(await readFile(golden))
  })
})
