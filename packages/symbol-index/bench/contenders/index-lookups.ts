import { loadSnapshot } from '../../src/index.ts'
import type { Contender } from '../contender.ts'
import { randomKeys } from '../keys.ts'
import { throughput } from '../measure.ts'

/** Random look-ups in the index: by symbol, and with one field read; and misses. */
export const indexLookups: Contender = async ({ snapshot, quick }) => {
  const set = await loadSnapshot(snapshot)
  const { symbols, exchanges } = randomKeys(set)
  const unknown = symbols.map((symbol) => Buffer.from(`${symbol}?`).toString())
  const rounds = quick ? 2 : 9
  let found = 0
  const get = throughput(rounds, symbols.length, () => {
    for (let at = 0; at < symbols.length; at++) {
      if (set.get(symbols[at] ?? '', exchanges[at] ?? '') !== undefined) found++
    }
  })
  const getToken = throughput(rounds, symbols.length, () => {
    for (let at = 0; at < symbols.length; at++)
      found += set.get(symbols[at] ?? '', exchanges[at] ?? '')?.token.length ?? 0
  })
  const miss = throughput(rounds, symbols.length, () => {
    for (let at = 0; at < symbols.length; at++) if (!set.has(unknown[at] ?? '', exchanges[at] ?? '')) found++
  })
  if (found === 0) throw new Error('nothing was found')
  return { lookups_per_s: get, lookups_with_token_per_s: getToken, misses_per_s: miss }
}
