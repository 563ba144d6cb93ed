import { expect, it } from 'vitest'
import { ManualClock } from '../../../conformance/src/manual-clock.ts'
import { cacheOperations, type Cache, type CacheOperation } from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

type Value = number | number[]

/** Every method of a cache with all that can be given to it, and what it answered. */
async function answersOf(cache: Cache<Value>, clock: ManualClock): Promise<readonly unknown[]> {
  const numbers = cache as unknown as Cache<number>
  const lists = cache as unknown as Cache<number[]>
  const answers: unknown[] = []
  const note = async (answer: unknown): Promise<void> => void answers.push(await answer)
  const revision = async (key: string): Promise<string> => (await cache.getWithMeta(key))?.revision ?? ''

  await note(cache.set('a', 1, { ttl: '1h', tags: ['t'], version: 3 }))
  await note(cache.set('a', 9, { version: 2 }))
  await note(
    cache.setMany(
      [
        ['b', 2],
        ['c', 3],
      ],
      { ttl: '2h', tags: ['u'] },
    ),
  )
  await note(cache.add('a', 10, { ttl: '1h' }))
  await note(cache.add('d', 4, { ttl: '3h', tags: ['t'] }))
  await note(cache.compareAndSet('d', 'another', 5))
  await note(cache.compareAndSet('d', await revision('d'), 5, { ttl: '4h', tags: ['v'] }))
  for (const key of ['a', 'b', 'd', 'none']) {
    await note(cache.get(key))
    await note(cache.has(key))
    await note(cache.ttl(key))
    answers.push(cache.peek(key))
  }
  await note(cache.getMany(['a', 'none', 'c']))
  const { value, tags, version, stale } = (await cache.getWithMeta('a')) ?? {}
  answers.push({ value, tags, version, stale })
  await note(cache.isCurrent('a', await revision('a')))
  await note(cache.isCurrent('a', 'another'))
  await note(cache.getOrLoad('a', () => 100))
  await note(cache.getOrLoad('e', ({ key }) => [Array.from(String(key)).length], { ttl: '5h', tags: ['w'] }))
  await note(cache.ttl('e'))
  await note(numbers.update('a', (current = 0) => current + 1, { ttl: '6h', tags: ['x'] }))
  await note(numbers.increment('n', 5, { ttl: '7h', tags: ['x'] }))
  await note(numbers.increment('n'))
  await note(cache.ttl('n'))
  await note(lists.append('l', [1, 2, 3], { maxLength: 2, tags: ['x'] }))
  await note(cache.get('l'))
  await note(cache.countWithTags(['x', 'u']))
  await note(Array.fromAsync(cache.keysWithTag('x')))
  await note(Array.fromAsync(cache.keys('?')))
  await note(Array.fromAsync(cache.keys()))
  await note(cache.expire('n', '1m'))
  await note(cache.ttl('n'))
  await note(cache.expireIf('n', 'another', '2m'))
  await note(cache.expireIf('n', await revision('n'), '2m'))
  await note(cache.ttl('n'))
  await note(cache.deleteIf('n', 'another'))
  await note(cache.deleteIf('n', await revision('n')))
  await note(cache.delete('c'))
  await note(cache.delete('c'))
  await note(cache.deleteMany(['b', 'none']))
  await note(cache.deleteMatching('[none]'))
  await note(cache.deleteMatching('l*'))
  await note(cache.invalidateTags(['v']))
  await note(cache.get('d'))
  await note(cache.size())
  clock.advance(1)
  const { hits, loads, deletes } = cache.stats()
  answers.push({ hits, loads, deletes })
  cache.resetStats()
  answers.push(cache.stats().hits)
  await note(cache.clear())
  await note(cache.size())
  return answers
}

it('a handle that allows everything answers every call as the cache does', async () => {
  const [clock, otherClock] = [new ManualClock(), new ManualClock()]
  const plain = (await openCaches({ environment: { clock } })).define<Value>('values')
  const caches = await openCaches({ environment: { clock: otherClock } })
  caches.define<Value>('values')
  const allow = Object.keys(cacheOperations) as CacheOperation[]
  const handle = caches.open<Value>('values', { as: 'somebody', allow })
  const answers = await answersOf(plain, clock)
  expect(await answersOf(handle, otherClock)).toEqual(answers)
  expect(answers).toContainEqual({ value: 1, tags: ['t'], version: 3, stale: false })
})

it('a cache whose reads might miss by chance answers every call as the cache does, when none misses', async () => {
  const [clock, otherClock] = [new ManualClock(), new ManualClock()]
  const plain = (await openCaches({ environment: { clock } })).define<Value>('values')
  const environment = { clock: otherClock, random: () => 0.5 }
  const caches = await openCaches({ environment, debug: { fakeMissRate: 0.1 } })
  const answers = await answersOf(plain, clock)
  expect(await answersOf(caches.define<Value>('values'), otherClock)).toEqual(answers)
})
