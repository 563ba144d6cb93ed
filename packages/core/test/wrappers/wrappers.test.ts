import { describe, expect, it } from 'vitest'
import { cached, Cached, Invalidates } from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

describe('cached', () => {
  it('calls the function once for the same arguments', async () => {
    const cache = (await openCaches()).define<number>('sums')
    let calls = 0
    const add = cached(cache, async (a: number, b: number) => {
      calls++
      return a + b
    })
    expect(await Promise.all([add(1, 2), add(1, 2), add(2, 2)])).toEqual([3, 3, 4])
    expect(calls).toBe(2)
    expect(await cache.get([1, 2])).toBe(3)
  })

  it('needs a key where there are no arguments', async () => {
    const cache = (await openCaches()).define<number>('values')
    await expect(cached(cache, () => 1)()).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_KEY', message: expect.stringContaining('option key') }),
    )
    expect(await cached(cache, () => 1, { key: () => 'k' })()).toBe(1)
  })

  it('takes a key, tags and a TTL', async () => {
    const cache = (await openCaches()).define<string>('names')
    const name = cached(cache, (user: { id: string }) => user.id.toUpperCase(), {
      key: (user) => user.id,
      tags: (user) => [`user:${user.id}`],
      ttl: '1h',
    })
    expect(await name({ id: 'a' })).toBe('A')
    expect(await cache.getWithMeta('a')).toMatchObject({ tags: ['user:a'] })
  })

  it('rejects with what the function throws, and for arguments that are no key', async () => {
    const cache = (await openCaches()).define<number>('values')
    await expect(
      cached(cache, (_id: string): number => {
        throw new RangeError('no')
      })('a'),
    ).rejects.toThrow('no')
    await expect(cached(cache, (_user: object) => 1)({})).rejects.toMatchObject({ code: 'INVALID_KEY' })
    await expect(cached(cache, () => 1)()).rejects.toMatchObject({ code: 'INVALID_KEY' })
  })
})

// Node runs sources as they are and does not know the syntax of decorators yet, so they are applied by hand here.
describe('the decorators', () => {
  it('answer from the cache, and invalidate after success only', async () => {
    const cache = (await openCaches()).define<number>('balances')
    let balance = 1
    class Account {
      readonly scale = 10
      async read(_id: string): Promise<number | undefined> {
        return balance * this.scale
      }
      async write(_id: string, next: number): Promise<string> {
        if (next < 0) throw new RangeError('negative')
        balance = next
        return 'done'
      }
    }
    const context = {} as ClassMethodDecoratorContext
    const read = Cached<number, [string]>(cache)(Account.prototype.read, context)
    const write = Invalidates<[string, number]>(cache, { keys: (id) => [id] })(
      Account.prototype.write,
      context,
    )
    const account = new Account()
    expect(await read.call(account, 'a')).toBe(10)
    balance = 2
    expect(await read.call(account, 'a')).toBe(10)
    await expect(write.call(account, 'a', -1)).rejects.toThrow('negative')
    expect(await read.call(account, 'a')).toBe(10)
    expect(await write.call(account, 'a', 3)).toBe('done')
    expect(await read.call(account, 'a')).toBe(30)
  })

  it('invalidate by tags, by keys, or by both, and ask for nothing that is not named', async () => {
    const cache = (await openCaches()).define<number>('values')
    const context = {} as ClassMethodDecoratorContext
    const write = async (): Promise<string> => 'done'
    const fill = async (): Promise<void> => {
      await cache.set('a', 1, { tags: ['t'] })
      await cache.set('b', 1)
    }
    await fill()
    const before = cache.stats()
    expect(await Invalidates<[]>(cache, {})(write, context).call({})).toBe('done')
    expect(cache.stats()).toMatchObject({
      deletes: before.deletes,
      tagInvalidations: before.tagInvalidations,
    })
    expect(await cache.getMany(['a', 'b'])).toEqual([1, 1])
    await Invalidates<[]>(cache, { tags: () => ['t'] })(write, context).call({})
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, 1])
    await fill()
    await Invalidates<[]>(cache, { tags: () => ['t'], keys: () => ['b'] })(write, context).call({})
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
  })

  it('call no cache for what a call does not name', async () => {
    const called: unknown[] = []
    const cache = {
      deleteMany: async (keys: readonly unknown[]): Promise<number> => called.push(keys),
      invalidateTags: async (tags: readonly string[]): Promise<void> => void called.push(tags),
    }
    const context = {} as ClassMethodDecoratorContext
    const write = async (...names: string[]): Promise<number> => names.length
    const named = (...names: string[]): string[] => names
    const wrapped = Invalidates<string[]>(cache, { keys: named, tags: named })(write, context)
    expect(await wrapped.call({})).toBe(0)
    expect(called).toEqual([])
    expect(await wrapped.call({}, 'a')).toBe(1)
    expect(called).toEqual([['a'], ['a']])
  })
})
