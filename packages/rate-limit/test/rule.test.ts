import { describe, expect, it } from 'vitest'
import { checkedRule, withShare } from '../src/rule.ts'

describe('a rule', () => {
  it('is named after what it says', () => {
    expect(checkedRule({ limit: 10, per: '1s' }).name).toBe('10 per 1s')
    expect(checkedRule({ limit: 10, per: 500 }).name).toBe('10 per 500ms')
    expect(checkedRule({ limit: 10, per: '1s', name: 'orders' }).name).toBe('orders')
  })

  it('of GCRA spreads what the burst leaves over the window', () => {
    expect(checkedRule({ limit: 10, per: '1s', algorithm: 'gcra' })).toMatchObject({
      burst: 1,
      intervalUs: 100_000,
    })
    expect(checkedRule({ limit: 10, per: '1s', algorithm: 'gcra', burst: 10 })).toMatchObject({
      intervalUs: 1_000_000,
    })
    expect(
      checkedRule({ limit: 10, per: '1s', algorithm: 'gcra', burst: 6, interval: '250ms' }),
    ).toMatchObject({ intervalUs: 250_000 })
  })

  it('of GCRA that could admit more than its limit is refused, and the message says what would do', () => {
    expect(() =>
      checkedRule({ limit: 10, per: '1s', algorithm: 'gcra', burst: 10, interval: '100ms' }),
    ).toThrow(/could admit 19 in a window, and limit is 10; make interval at least 1000 ms/)
    expect(() =>
      checkedRule({ limit: 10, per: '1s', algorithm: 'gcra', burst: 6, interval: '199ms' }),
    ).toThrow(/could admit 11/)
  })

  it.each([
    [{ limit: 0, per: '1s' }, /limit/],
    [{ limit: 1.5, per: '1s' }, /limit/],
    [{ limit: Number.NaN, per: '1s' }, /limit/],
    [{ limit: Number.POSITIVE_INFINITY, per: '1s' }, /limit/],
    [{ limit: 1, per: 0 }, /per/],
    [{ limit: 1, per: Number.POSITIVE_INFINITY }, /per/],
    [{ limit: 1, per: '1 s' }, /per/],
    [{ limit: 1, per: '1s', burst: 1 }, /burst/],
    [{ limit: 1, per: '1s', algorithm: 'bucket' }, /algorithm/],
    [{ limit: 1, per: '1s', algorithm: 'gcra', burst: 2 }, /burst/],
    [{ limit: 1, per: '1s', points: 2 }, /no option 'points'/],
  ] as const)('that makes no sense is refused: %j', (options, message) => {
    expect(() => checkedRule(options as never)).toThrow(message)
  })

  it('shrinks to a share of itself, and never to nothing', () => {
    expect(withShare(checkedRule({ limit: 10, per: '1s' }), 0.5).limit).toBe(5)
    expect(withShare(checkedRule({ limit: 1, per: '1s' }), 0.1).limit).toBe(1)
    const gcra = withShare(checkedRule({ limit: 10, per: '1s', algorithm: 'gcra', burst: 4 }), 0.5)
    expect(gcra.burst + Math.ceil(gcra.windowUs / gcra.intervalUs) - 1).toBeLessThanOrEqual(5)
  })
})
