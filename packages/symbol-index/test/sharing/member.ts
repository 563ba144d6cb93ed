/**
 * A process that shares symbols over a SQLite directory, driven by messages: see processes.test.ts.
 * Every set that the test publishes has the tokens `<generation>-<n>`, so that a mixed set can be told.
 */
import { createCaches } from '@cache/core'
import { sqlite } from '@cache/sqlite'

import { SymbolIndex } from '../../src/index.ts'
import { shareSymbols } from '../../src/sharing/index.ts'
import { generationMaster } from './generation-master.ts'

const [database = '', directory = ''] = process.argv.slice(2)
const caches = await createCaches({ backend: sqlite({ directory: database }) })
const index = new SymbolIndex()
index.on('swap', () => process.send?.({ type: 'swapped', hash: index.current.hash, token: token(0) }))
const shared = await shareSymbols(index, {
  caches,
  every: 20,
  directory: directory === '' ? undefined : directory,
})
let looks = 0
let faults = 0
hammer()
process.on('message', (message: { readonly type: 'import' | 'report'; readonly generation: number }) => {
  void answer(message)
})
process.on('disconnect', () => process.exit())
process.send?.({ type: 'ready', size: index.size, token: token(0) })

async function answer({
  type,
  generation,
}: {
  readonly type: string
  readonly generation: number
}): Promise<void> {
  if (type === 'import') {
    await shared.import(generationMaster(generation), { thread: 'inline' })
    process.send?.({ type: 'published', hash: index.current.hash })
  } else {
    process.send?.({ type: 'report', looks, faults })
  }
}

function token(row: number): string | undefined {
  return index.get(`S${row}`, 'NSE')?.token
}

/** Looks at the whole set again and again: it is never empty once there was one, and never mixed. */
function hammer(): void {
  const generations = new Set(Array.from({ length: 20 }, (_, row) => token(row)?.split('-')[0]))
  looks++
  if (generations.size !== 1 || (generations.has(undefined) && index.size > 0)) faults++
  setImmediate(hammer)
}
