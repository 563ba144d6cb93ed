import { onTestFinished } from 'vitest'
import { createCaches, type CachesOptions } from '@cache/core'
import { ManualClock } from '@cache/conformance'
import { memory } from '@cache/memory'
import { tradingCaches, type TradingCaches, type TradingOptions } from '../src/index.ts'

/** Trading caches over the memory backend, in time that moves only when it is told to. */
export async function openTrading(
  options: TradingOptions = {},
  more: Partial<CachesOptions> = {},
): Promise<{ trading: TradingCaches; clock: ManualClock }> {
  const clock = new ManualClock()
  const caches = await createCaches({
    backend: memory(),
    prefix: 'tradecore',
    environment: { clock },
    ...more,
  })
  onTestFinished(() => caches.close())
  return { trading: tradingCaches(caches, { encryptSecrets: false, clock, ...options }), clock }
}
