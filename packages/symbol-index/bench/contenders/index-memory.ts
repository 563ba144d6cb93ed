import { loadSnapshot } from '../../src/index.ts'
import type { Contender } from '../contender.ts'
import { heapBytes } from '../measure.ts'
import { mixedQueries } from '../queries.ts'

const MEBIBYTE = 2 ** 20

/** Memory of store and indexes: after searches of every kind, and again after every text was read once. */
export const indexMemory: Contender = async ({ snapshot }) => {
  const queries = mixedQueries(await loadSnapshot(snapshot))
  const rssBefore = (heapBytes(), process.memoryUsage().rss)
  const before = heapBytes()
  const set = await loadSnapshot(snapshot)
  for (const query of queries) set.search({ query, limit: 1 })
  set.expiries({ exchange: 'NFO', nowMs: 0 })
  const searched = set.buffer.byteLength + heapBytes() - before
  const rssGrowth = process.memoryUsage().rss - rssBefore
  let characters = 0
  for (const row of set.instruments()) characters += JSON.stringify(row).length
  const read = set.buffer.byteLength + heapBytes() - before
  if (characters === 0) throw new Error('nothing was read')
  return {
    buffer_bytes_per_row: set.buffer.byteLength / set.size,
    bytes_per_row: searched / set.size,
    bytes_per_row_all_text_read: read / set.size,
    rss_growth_mb: rssGrowth / MEBIBYTE,
  }
}
