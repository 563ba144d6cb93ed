import { mkdir, readFile, writeFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { FORMAT_VERSION, SymbolIndex } from '../src/index.ts'
import { useDirectory } from './fixtures/directory.ts'
import { angelMaster, angelRow, NOW_MS } from './fixtures/masters.ts'

const inline = { thread: 'inline', now: () => NOW_MS } as const
const directory = useDirectory()
const master = Buffer.from(angelMaster([angelRow(), angelRow({ token: '2', symbol: 'TCS-EQ' })]))

/** An index that has been asked to restore, and what its listeners were told. */
async function restored(path: string): Promise<{
  index: SymbolIndex
  outcome: Awaited<ReturnType<SymbolIndex['restore']>>
  failures: string[]
  calls: number
}> {
  const index = new SymbolIndex()
  const failures: string[] = []
  index.on('failure', ({ origin, error }) => failures.push(`${origin} ${error.code}`))
  let calls = 0
  const source = (): Uint8Array => {
    calls++
    return master
  }
  const outcome = await index.restore(path, source, inline)
  return { index, outcome, failures, calls }
}

describe('restoring an index', () => {
  it('reads the source where there is no snapshot yet, which is no failure, and writes one', async () => {
    const path = directory.path('s')
    const { index, outcome, failures, calls } = await restored(path)
    expect(outcome).toEqual({ origin: 'import', current: index.notice, refusal: undefined, saved: true })
    expect([index.size, failures, calls]).toEqual([2, [], 1])
    expect((await SymbolIndex.fromSnapshot(path)).notice).toEqual(index.notice)
  })

  it('takes a good snapshot and leaves the source alone', async () => {
    await restored(directory.path('s'))
    const { index, outcome, failures, calls } = await restored(directory.path('s'))
    expect(outcome).toEqual({ origin: 'snapshot', current: index.notice, refusal: undefined, saved: true })
    expect([index.size, failures, calls]).toEqual([2, [], 0])
  })

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['cut short', (bytes) => bytes.subarray(0, -8), 'SNAPSHOT_TRUNCATED'],
    ['altered', (bytes) => bytes.fill(0xff, 700, 704), 'SNAPSHOT_ALTERED'],
    [
      'of an older format',
      (bytes) => {
        bytes.writeUInt32LE(FORMAT_VERSION - 1, 8)
        return bytes
      },
      'SNAPSHOT_VERSION',
    ],
    ['something else', () => Buffer.from('<html>'), 'NOT_A_SNAPSHOT'],
  ])('from a snapshot that is %s rebuilds it from the source, and tells', async (_, alter, code) => {
    const path = directory.path('s')
    await restored(path)
    await writeFile(path, alter(await readFile(path)))
    const { index, outcome, failures, calls } = await restored(path)
    expect(outcome).toMatchObject({ origin: 'import', refusal: { code }, saved: true })
    expect([index.size, failures, calls]).toEqual([2, [`snapshot ${code}`], 1])
    expect((await restored(path)).outcome.origin).toBe('snapshot')
  })

  it('takes a path as its source', async () => {
    await writeFile(directory.path('master.json'), master)
    const index = new SymbolIndex()
    await index.restore(directory.path('s'), directory.path('master.json'), inline)
    expect(index.get('TCS', 'NSE')?.token).toBe('2')
  })

  it('has its set even where the snapshot can not be written, and tells', async () => {
    const path = directory.path('s')
    await mkdir(path)
    const { index, outcome, failures } = await restored(path)
    expect(outcome).toMatchObject({ origin: 'import', refusal: { code: 'SNAPSHOT_IO' }, saved: false })
    expect([index.size, failures]).toEqual([2, ['snapshot SNAPSHOT_IO', 'snapshot SNAPSHOT_IO']])
  })

  it('rejects when the source is refused too, and leaves the old set and the old file', async () => {
    const path = directory.path('s')
    const { index } = await restored(directory.path('good'))
    await writeFile(path, 'no snapshot')
    await expect(index.restore(path, Buffer.from('<html>'), inline)).rejects.toMatchObject({
      code: 'HTML_SOURCE',
    })
    expect(index.size).toBe(2)
    expect(await readFile(path, 'utf8')).toBe('no snapshot')
    const gone = index.restore(directory.path('none'), () => Promise.reject(new Error('no route to host')))
    await expect(gone).rejects.toThrow('no route to host')
  })

  it('does not read a source for a snapshot that is good and too large', async () => {
    await restored(directory.path('s'))
    const index = new SymbolIndex({ memoryBudgetBytes: 100 })
    const restoring = index.restore(directory.path('s'), () => Promise.reject(new Error('asked')))
    await expect(restoring).rejects.toMatchObject({ code: 'MEMORY_BUDGET_EXCEEDED' })
  })
})
