import { createCaches } from '@cache/core'
import { openAddress, type Address } from '@cache/tooling-backends'
import { rateLimiter } from '../../src/index.ts'

/** Takes as fast as it can for a while, and says when each was admitted: before it was asked for and after the answer. */
const [address, key, forMs] = process.argv.slice(2).map((text) => JSON.parse(text)) as [
  Address,
  string,
  number,
]
const caches = await createCaches({ backend: openAddress(address), resilience: { commandTimeout: '20s' } })
const limiter = rateLimiter(caches, {
  name: 'shared',
  rules: { limit: 10, per: '500ms' },
  whenAway: 'refuse',
})
const wall = (): number => performance.timeOrigin + performance.now()
const untilMs = wall() + forMs
while (wall() < untilMs) {
  const askedMs = wall()
  const { allowed, atUs } = await limiter.consume(key)
  if (allowed) process.stdout.write(`${JSON.stringify({ askedMs, answeredMs: wall(), atUs })}\n`)
}
await caches.close()
