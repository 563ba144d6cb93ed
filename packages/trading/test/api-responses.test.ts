import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { canonicalHash } from '../src/index.ts'
import { openTrading } from './support.ts'

const orders = { endpoint: '/api/orders', params: { page: 1, limit: 50 } }

describe('responses of an API', () => {
  it('are found by their parameters in any order, with endpoint, parameters and time', async () => {
    const { trading, clock } = await openTrading()
    const { response } = trading.api
    expect(await response.set(orders, { total: 50 })).toBe(true)
    expect(await response.get({ endpoint: '/api/orders', params: { limit: 50, page: 1 } })).toEqual({
      ...orders,
      response: { total: 50 },
      cachedAtMs: clock.wallMs(),
    })
    expect(await response.get({ endpoint: '/api/orders', params: { page: 2, limit: 50 } })).toBeUndefined()
    expect(await response.get({ endpoint: '/api/positions', params: orders.params })).toBeUndefined()
  })

  it('live for five minutes, or as long as the call says', async () => {
    const { trading, clock } = await openTrading()
    await trading.api.response.set(orders, 1)
    await trading.api.response.set({ endpoint: 'short' }, 1, { ttl: '60s' })
    clock.advance(60_000)
    expect(await trading.api.response.get({ endpoint: 'short' })).toBeUndefined()
    expect(await trading.api.response.get(orders)).toBeDefined()
    clock.advance(240_000)
    expect(await trading.api.response.get(orders)).toBeUndefined()
  })

  it('are loaded once; nothing found is not stored', async () => {
    const { trading } = await openTrading()
    const load = vi.fn<() => number>(() => 7)
    const asked = [1, 2].map(() => trading.api.response.getOrLoad(orders, load, { userId: 'u' }))
    expect(await Promise.all(asked)).toMatchObject([{ response: 7 }, { response: 7 }])
    expect(load).toHaveBeenCalledOnce()
    expect(await trading.api.response.getOrLoad({ endpoint: 'none' }, () => undefined)).toBeUndefined()
  })

  it('can be deleted one by one and by endpoint', async () => {
    const { trading } = await openTrading()
    const { response } = trading.api
    await response.set(orders, 1)
    await response.set({ endpoint: '/api/orders' }, 2)
    await response.set({ endpoint: '/api/orders:all*' }, 3)
    await response.set({ endpoint: '/api/orders:all?' }, 4)
    expect(await response.delete(orders)).toBe(true)
    expect(await response.deleteEndpoint('/api/orders:all*')).toBe(1)
    expect(await response.deleteEndpoint('/api/orders')).toBe(1)
    expect(await response.get({ endpoint: '/api/orders:all?' })).toMatchObject({ response: 4 })
  })
})

describe('canonicalHash', () => {
  it('is SHA-256 of the canonical JSON', () => {
    expect(canonicalHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
    expect(canonicalHash({ b: [1, null], a: 'x' })).toBe(canonicalHash({ a: 'x', b: [1, null] }))
    expect(canonicalHash({ a: undefined })).toBe(canonicalHash({}))
    expect(canonicalHash({ at: new Date(0) })).toBe(canonicalHash({ at: '1970-01-01T00:00:00.000Z' }))
    expect(canonicalHash({ n: -0 })).toBe(canonicalHash({ n: 0 }))
  })

  it('tells apart what JSON tells apart', () => {
    const different = [
      { page: 1 },
      { page: '1' },
      { page: [1] },
      { page: null },
      { page: true },
      { page: {} },
      [],
    ]
    expect(new Set(different.map((each) => canonicalHash(each))).size).toBe(different.length)
  })

  it('depends on the data alone, whatever the order of the names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const turned = Object.fromEntries(Object.entries(data).reverse())
        expect(canonicalHash(turned)).toBe(canonicalHash(data))
        expect(canonicalHash(JSON.parse(JSON.stringify(data)))).toBe(canonicalHash(data))
      }),
    )
  })

  it.each([
    ['a function', { a: () => 1 }],
    ['a bigint', { a: 1n }],
    ['NaN', { a: Number.NaN }],
    ['a Map', { a: new Map() }],
    ['an invalid date', { a: new Date(Number.NaN) }],
    ['broken text', { a: '\ud800' }],
    ['a cycle', cyclic()],
  ])('refuses %s', (_name, parameters) => {
    expect(() => canonicalHash(parameters)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
  })
})

function cyclic(): object {
  const list: unknown[] = []
  list.push(list)
  return { list }
}
