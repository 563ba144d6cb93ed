import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { SymbolIndex, syntheticMaster } from '../src/index.ts'

const DATE_MS = Date.UTC(2026, 0, 5, 4)
const now = (): number => DATE_MS

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'symbol-index-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

describe('SymbolIndex', () => {
  it('imports a master, answers, and is the same after a restart', async () => {
    const index = new SymbolIndex({ now })
    expect(index.size).toBe(0)
    expect(index.get('NIFTY', 'NSE_INDEX')).toBeUndefined()

    const { report } = await index.import(syntheticMaster({ dateMs: DATE_MS, rows: 5000 }), { now })

    expect(report.rowsKept).toBe(5000)
    expect(index.get('NIFTY', 'NSE_INDEX')?.instrumentType).toBe('INDEX')
    const path = join(directory, 'symbols.snapshot')
    await index.saveSnapshot(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)

    const restored = await SymbolIndex.fromSnapshot(path)

    expect(restored.notice).toEqual(index.notice)
    expect(restored.search({ query: 'nifty 25000 ce', limit: 3 })).toEqual(
      index.search({ query: 'nifty 25000 ce', limit: 3 }),
    )
    expect(restored.search({ query: 'nifty 25000 ce' }).total).toBeGreaterThan(0)
  })
})
