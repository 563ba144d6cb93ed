import { createCaches } from '@cache/core'
import { openAddress, type Address } from '@cache/tooling-backends'
import { createLocks } from '../../src/index.ts'

/** Reads a count and writes one more, each time under a lock and otherwise without care. */
const [address, name, rounds] = process.argv.slice(2).map((text) => JSON.parse(text)) as [
  Address,
  string,
  number,
]
const caches = await createCaches({ backend: openAddress(address), resilience: { commandTimeout: '20s' } })
const locks = createLocks(caches, { ttl: '20s', waitFor: '60s' })
const counts = caches.define<number>('counts', { ttl: '1h' })
for (let round = 0; round < rounds; round++) {
  await locks.withLock(name, async () => {
    const count = (await counts.get(name)) ?? 0
    await counts.set(name, count + 1)
  })
}
await caches.close()
