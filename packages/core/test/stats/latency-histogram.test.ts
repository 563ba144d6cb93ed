import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/stats/latency-histogram.ts'

describe('LatencyHistogram', () => {
  it('is all zero while empty and after a reset', () => {
    const histogram = new LatencyHistogram()
    const zero = { count: 0, totalMs: 0, averageMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 }
    expect(histogram.snapshot()).toMatchObject(zero)
    histogram.record(5)
    histogram.reset()
    expect(histogram.snapshot()).toMatchObject(zero)
    expect(histogram.snapshot().upTo.every(([, count]) => count === 0)).toBe(true)
  })

  it('counts what took at most so long, exactly at its bounds', () => {
    const durations = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { maxLength: 200 })
    fc.assert(
      fc.property(durations, (list) => {
        const histogram = new LatencyHistogram()
        for (const duration of list) histogram.record(duration)
        const { upTo, totalMs } = histogram.snapshot()
        // A bucket ends where the next begins; rounding may put what lies on an end on either side.
        for (const [ms, count] of upTo) {
          expect(count).toBeGreaterThanOrEqual(list.filter((each) => each < ms * 0.999_999).length)
          expect(count).toBeLessThanOrEqual(list.filter((each) => each <= ms * 1.000_001).length)
        }
        expect(upTo.map(([ms]) => ms)).toEqual(upTo.map(([ms]) => ms).toSorted((a, b) => a - b))
        expect(totalMs).toBeCloseTo(
          list.reduce((sum, value) => sum + value, 0),
          6,
        )
      }),
    )
  })

  it('keeps percentiles between the true value and 19 % above it, and never above the maximum', () => {
    const durations = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), {
      minLength: 1,
      maxLength: 500,
    })
    fc.assert(
      fc.property(durations, (list) => {
        const histogram = new LatencyHistogram()
        for (const duration of list) histogram.record(duration)
        const sorted = list.toSorted((a, b) => a - b)
        const { p50Ms, p99Ms, maxMs, averageMs, count } = histogram.snapshot()
        for (const [measured, share] of [
          [p50Ms, 0.5],
          [p99Ms, 0.99],
        ] as const) {
          const exact = sorted[Math.ceil(list.length * share) - 1] ?? 0
          expect(measured).toBeGreaterThanOrEqual(exact * 0.999_999)
          expect(measured).toBeLessThanOrEqual(Math.min(exact * 1.19, maxMs) * 1.000_001)
        }
        expect(maxMs).toBe(sorted.at(-1))
        expect(count).toBe(list.length)
        expect(averageMs).toBeCloseTo(list.reduce((sum, value) => sum + value, 0) / list.length, 6)
      }),
    )
  })
})
