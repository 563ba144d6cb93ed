import { writeFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'

import { describe, expect, it } from 'vitest'

import { SymbolIndex, syntheticMaster } from '../src/index.ts'
import type { ImportReport, MasterDifference, SymbolIndexError, SymbolIndexEvents } from '../src/index.ts'
import { useDirectory } from './fixtures/directory.ts'
import { angelMaster, angelOption, angelRow, NOW_MS } from './fixtures/masters.ts'

const inline = { thread: 'inline', now: () => NOW_MS } as const
const directory = useDirectory()

function bytes(rows: readonly unknown[]): Uint8Array {
  return new TextEncoder().encode(angelMaster(rows))
}

const shares = (count: number): unknown[] =>
  Array.from({ length: count }, (_, at) =>
    angelRow({ token: String(at + 1), symbol: `S${at}-EQ`, name: `S${at}` }),
  )

describe('an index without a set', () => {
  it('answers that there is nothing', () => {
    const index = new SymbolIndex()
    expect(index.size).toBe(0)
    expect(index.notice).toBeUndefined()
    expect(index.get('NIFTY', 'NSE_INDEX')).toBeUndefined()
    expect(index.search({ query: 'A', exchange: 'NSE' })).toEqual({ total: 0, results: [] })
    expect(index.expiries({ exchange: 'NFO' })).toEqual([])
    expect(index.statistics()).toMatchObject({ size: 0, current: undefined, loadedAtMs: undefined })
  })

  it.each([
    ['rowCountTolerance.shrink', { rowCountTolerance: { shrink: 2 } }],
    ['rowCountTolerance.growth', { rowCountTolerance: { growth: NaN } }],
    ['memoryBudgetBytes', { memoryBudgetBytes: 0 }],
  ])('refuses a wrong %s', (name, options) => {
    expect(() => new SymbolIndex(options)).toThrow(name)
  })

  it.each([
    [{ memoryBudget: 1 }, "SymbolIndex has no option 'memoryBudget'"],
    [{ rowCountTolerance: { shrinkage: 0 } }, "rowCountTolerance has no option 'shrinkage'"],
  ])('refuses options that do not exist: %j', (options: object, message) => {
    expect(() => new SymbolIndex(options)).toThrow(message)
  })

  it('refuses options of an import that do not exist', async () => {
    const options: object = { expire: 'drop' }
    await expect(new SymbolIndex().import(bytes(shares(1)), options)).rejects.toThrow("no option 'expire'")
  })
})

describe('an import', () => {
  it('in a worker, from a stream, is the same after a restart from its snapshot', async () => {
    const index = new SymbolIndex({ now: () => NOW_MS })
    const progress: SymbolIndexEvents['progress'][] = []
    index.on('progress', (event) => progress.push(event))

    const { report, difference } = await index.import(syntheticMaster({ dateMs: NOW_MS, rows: 5000 }), {
      now: () => NOW_MS,
    })

    expect(report).toMatchObject({ format: 'angel-json', rowsKept: 5000, source: 'stream' })
    expect(difference).toBeUndefined()
    expect(progress.at(-1)).toMatchObject({ phase: 'done', rowsRead: 5000 })
    const path = directory.path('symbols.snapshot')
    await index.saveSnapshot(path)
    const restored = await SymbolIndex.fromSnapshot(path)
    expect(restored.notice).toEqual(index.notice)
    const query = { query: 'nifty 25000 ce', limit: 3 }
    expect(JSON.stringify(restored.search(query))).toBe(JSON.stringify(index.search(query)))
    expect(restored.search(query).total).toBeGreaterThan(0)
  })

  it('in a worker reads a file and compares with the set in use', async () => {
    const path = directory.path('master.json')
    await writeFile(path, bytes(shares(10)))
    const index = new SymbolIndex()
    await index.import(path)
    await writeFile(path, bytes([...shares(9), angelOption()]))
    const { difference } = await index.import(path)
    expect(difference).toMatchObject({
      added: { total: 1, first: [{ symbol: 'NIFTY28OCT2524000CE', exchange: 'NFO' }] },
      removed: { total: 1, first: [{ symbol: 'S9', exchange: 'NSE' }] },
    })
  })

  it('in a worker fails like one in this thread', async () => {
    const index = new SymbolIndex()
    const failed = index.import('/nonexistent/master.json')
    await expect(failed).rejects.toMatchObject({
      name: 'SymbolIndexError',
      code: 'UNREADABLE_SOURCE',
      cause: { code: 'ENOENT' },
    })
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('[')
      throw new Error('connection reset')
    })()
    await expect(index.import(stream)).rejects.toMatchObject({
      code: 'UNREADABLE_SOURCE',
      cause: { message: 'connection reset' },
    })
  })

  it('can be aborted, before and while it runs', async () => {
    const index = new SymbolIndex()
    const endless = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('[')
      for (;;) yield Buffer.from(`${JSON.stringify(angelRow())},`)
    })()
    await expect(index.import(endless, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    const controller = new AbortController()
    const running = index.import(endless, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(running).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    expect(index.size).toBe(0)
  })

  it('leaves the old set when it is refused, and says why', async () => {
    const index = new SymbolIndex({ now: () => NOW_MS })
    await index.import(bytes(shares(10)), inline)
    const before = index.current
    const failures: SymbolIndexError[] = []
    index.on('failure', ({ error }) => failures.push(error))

    await expect(index.import(Buffer.from('<html>'), inline)).rejects.toMatchObject({ code: 'HTML_SOURCE' })

    expect(index.current).toBe(before)
    expect(failures.map(({ code }) => code)).toEqual(['HTML_SOURCE'])
    expect(index.statistics()).toMatchObject({
      failures: 1,
      lastFailure: { code: 'HTML_SOURCE', atMs: NOW_MS },
    })
  })

  it('with far fewer or far more rows is refused unless it is forced, and reported either way', async () => {
    const index = new SymbolIndex({ rowCountTolerance: { shrink: 0.2, growth: 0.5 } })
    const reports: ImportReport[] = []
    index.on('report', (report) => reports.push(report))
    await index.import(bytes(shares(100)), inline)
    await expect(index.import(bytes(shares(79)), inline)).rejects.toMatchObject({
      code: 'ROW_COUNT_OUT_OF_TOLERANCE',
    })
    await expect(index.import(bytes(shares(151)), inline)).rejects.toMatchObject({
      code: 'ROW_COUNT_OUT_OF_TOLERANCE',
    })
    expect(index.size).toBe(100)
    await index.import(bytes(shares(80)), inline)
    await index.import(bytes(shares(10)), { ...inline, force: true })
    expect(index.size).toBe(10)
    expect(reports.map(({ rowsKept }) => rowsKept)).toEqual([100, 79, 151, 80, 10])
  })

  it('that needs more memory than the budget is refused, forced or not', async () => {
    const index = new SymbolIndex({ memoryBudgetBytes: 5000 })
    const failed = index.import(bytes(shares(100)), { ...inline, force: true })
    await expect(failed).rejects.toMatchObject({ code: 'MEMORY_BUDGET_EXCEEDED' })
    expect(index.size).toBe(0)
  })

  it('begun during another waits for it', async () => {
    const index = new SymbolIndex()
    const sizes: number[] = []
    index.on('swap', ({ current }) => sizes.push(current.size))
    await Promise.all([
      index.import(bytes(shares(10)), inline),
      index.import(bytes([{}]), inline).catch(() => undefined),
      index.import(bytes(shares(11)), inline),
    ])
    expect(sizes).toEqual([10, 11])
  })
})

describe('a swap', () => {
  it('is one step: whoever looks sees one whole set or the other', async () => {
    const index = new SymbolIndex()
    const generation = (lot: number): Uint8Array =>
      bytes(
        Array.from({ length: 2000 }, (_, at) =>
          angelRow({ token: String(at + 1), symbol: `S${at}-EQ`, lotsize: String(lot) }),
        ),
      )
    await index.import(generation(1), inline)
    const stop = new AbortController()
    const seen = new Set<string>()
    const look = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const lots = new Set(Array.from({ length: 2000 }, (_, at) => index.get(`S${at}`, 'NSE')?.lotSize))
        seen.add([...lots].join())
        await new Promise(setImmediate)
      }
    }
    const looker = look()
    for (const lot of [2, 3, 4]) await index.import(generation(lot))
    stop.abort()
    await looker
    expect([...seen].sort()).toEqual(expect.arrayContaining(['1']))
    expect([...seen].every((lots) => /^[1-4]$/.test(lots))).toBe(true)
    expect(index.get('S0', 'NSE')?.lotSize).toBe(4)
  })

  it('leaves an instrument and a held set as they were', async () => {
    const index = new SymbolIndex()
    await index.import(bytes([angelRow({ lotsize: '1' })]), inline)
    const instrument = index.get('INFY', 'NSE')
    const held = index.current
    await index.import(bytes([angelRow({ lotsize: '2' })]), inline)
    expect(instrument?.lotSize).toBe(1)
    expect(held.get('INFY', 'NSE')?.lotSize).toBe(1)
    expect(index.get('INFY', 'NSE')?.lotSize).toBe(2)
  })

  it('tells its listeners what came and what went, and the difference', async () => {
    const index = new SymbolIndex()
    const swaps: SymbolIndexEvents['swap'][] = []
    const differences: MasterDifference[] = []
    index.on('swap', (event) => swaps.push(event))
    const stop = index.on('difference', (event) => differences.push(event))
    await index.import(bytes(shares(10)), inline)
    const first = index.notice
    await index.import(bytes(shares(11)), inline)
    expect(swaps).toMatchObject([
      { origin: 'import', current: first, previous: undefined },
      { origin: 'import', current: index.notice, previous: first },
    ])
    expect(differences).toMatchObject([{ added: { total: 1 } }])
    stop()
    await index.import(bytes(shares(12)), inline)
    expect(differences).toHaveLength(1)
  })

  it('is followed by other processes through the snapshot', async () => {
    const path = directory.path('s')
    const writer = new SymbolIndex()
    await writer.import(bytes(shares(10)), inline)
    await writer.saveSnapshot(path)
    const reader = new SymbolIndex()
    expect(await reader.follow(writer.notice!, path)).toBe(true)
    expect(reader.notice).toEqual(writer.notice)
    expect(await reader.follow(writer.notice!, path)).toBe(false)

    await writer.import(bytes(shares(11)), inline)
    await expect(reader.follow(writer.notice!, path)).rejects.toMatchObject({ code: 'SNAPSHOT_ALTERED' })
    expect(reader.size).toBe(10)
    await writer.saveSnapshot(path)
    expect(await reader.follow(writer.notice!, path)).toBe(true)
    expect(reader.size).toBe(11)
  })

  it('to a snapshot that is broken leaves the old set', async () => {
    const index = new SymbolIndex()
    await index.import(bytes(shares(10)), inline)
    await writeFile(directory.path('s'), 'no snapshot')
    await expect(index.loadSnapshot(directory.path('s'))).rejects.toMatchObject({ code: 'NOT_A_SNAPSHOT' })
    expect(index.size).toBe(10)
  })

  it('shares its buffer with other threads, without a copy', async () => {
    const index = new SymbolIndex()
    await index.import(bytes(shares(10)), inline)
    const module = new URL('../src/index.ts', import.meta.url).href
    const code = `
      const { parentPort, workerData } = require('node:worker_threads')
      import(${JSON.stringify(module)}).then(async ({ SymbolIndex }) => {
        const index = new SymbolIndex()
        await index.adopt(workerData)
        parentPort.postMessage({ token: index.get('S3', 'NSE').token, hash: index.notice.hash })
      })`
    const worker = new Worker(code, { eval: true, workerData: index.current.buffer })
    const answer = await new Promise((resolve, reject) => {
      worker.on('message', resolve)
      worker.on('error', reject)
    })
    await worker.terminate()
    expect(answer).toEqual({ token: '4', hash: index.notice?.hash })
  })
})

describe('statistics', () => {
  it('are what /health shows', async () => {
    const index = new SymbolIndex({ now: () => NOW_MS, memoryBudgetBytes: 1_000_000 })
    await index.import(bytes([...shares(3), angelOption()]), { ...inline, label: 'angel.json' })
    index.get('S0', 'NSE')
    index.get('NONE', 'NSE')
    index.getMany([
      { symbol: 'S0', exchange: 'NSE' },
      { symbol: 'S1', exchange: 'NSE' },
    ])
    index.search({ query: 'S' })
    expect(index.statistics()).toEqual({
      current: index.notice,
      size: 4,
      countByExchange: { NSE: 3, NFO: 1 },
      format: 'angel-json',
      source: 'angel.json',
      loadedAtMs: NOW_MS,
      memory: {
        bytes: index.current.buffer.byteLength,
        bytesPerRow: index.current.buffer.byteLength / 4,
        budgetBytes: 1_000_000,
      },
      lookups: { hits: 3, misses: 1, hitRatio: 0.75 },
      searches: 1,
      swaps: 1,
      failures: 0,
      lastFailure: undefined,
    })
  })
})
