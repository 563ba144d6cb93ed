import { redis } from '@cache/redis'
import { TestSentinel } from '@cache/tooling-servers'
import { valkey } from '@cache/valkey'
import { expect, it } from 'vitest'
import { Watched, watching } from './support/watched.ts'

it.each([
  ['redis', redis],
  ['valkey', valkey],
] as const)(
  'foreign writers of %s are noticed on the primary that Sentinel names, and on the next',
  { timeout: 120_000 },
  async (kind, backendOf) => {
    await using setup = await TestSentinel.start({ kind, replicas: 1 })
    const addresses = setup.sentinels.map(({ host, port }) => `${host}:${port}`)
    const watched = new Watched()
    try {
      const backend = backendOf({ sentinel: { addresses, name: setup.primaryName } })
      const cache = (await watched.open(backend)).define<string>('values', { l1: { ttl: '1h' }, ttl: '1h' })
      const former = await setup.primary()
      await watching(cache, (key) => former.command(['DEL', `{cache:values}:v1:${key}`]))
      await former.kill()
      const next = await setup.failedOver(former)
      await watching(cache, (key) => next.command(['DEL', `{cache:values}:v1:${key}`]))
      expect(cache.peek('watched')).toBe(undefined)
    } finally {
      await watched.close()
    }
  },
)
