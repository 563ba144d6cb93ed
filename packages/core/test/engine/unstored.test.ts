import { describe, expect, it } from 'vitest'
import { gate, openCaches, settle } from '../support/open-caches.ts'

/** What three callers get of one load that is not to be stored. */
async function shared<V>(value: V): Promise<readonly V[]> {
  const cache = (await openCaches()).define<V>('values')
  const held = gate()
  const load = async ({ skip }: { skip: () => void }): Promise<V> => {
    await held.promise
    skip()
    return value
  }
  const calls = [1, 2, 3].map(() => cache.getOrLoad('k', load))
  await settle()
  held.resolve()
  const values = (await Promise.all(calls)) as readonly V[]
  expect(await cache.get('k')).toBeUndefined()
  expect(cache.stats()).toMatchObject({ loads: 1 })
  return values
}

describe('a value that is not to be stored', () => {
  it('is shared frozen by those who wait, and stays as the loader has it', async () => {
    const own = { a: { b: 1 } }
    const [one, other] = await shared(own)
    expect(one).toEqual(own)
    expect(one).toBe(other)
    expect(one).not.toBe(own)
    expect(Object.isFrozen(one?.a)).toBe(true)
    own.a.b = 2
    expect(one?.a.b).toBe(1)
  })

  it('is copied for each where freezing does not protect it', async () => {
    const own = new Map([['a', new Date(0)]])
    const [one, other] = await shared(own)
    expect(one).toEqual(own)
    expect(one).not.toBe(other)
    expect(one).not.toBe(own)
    one?.set('a', new Date(1))
    expect(other).toEqual(own)
  })

  it('is handed on as it is where it cannot be copied', async () => {
    const own = { run: () => 1 }
    const [one, other] = await shared(own)
    expect(one).toBe(own)
    expect(other).toBe(own)
  })

  it('may be that there is none', async () => {
    expect(await shared(undefined)).toEqual([undefined, undefined, undefined])
  })
})
