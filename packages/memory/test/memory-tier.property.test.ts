import fc from 'fast-check'
import type { LocalEntry, LocalTier } from '@cache/core'
import { expect, it } from 'vitest'
import { MemoryBudget } from '../src/memory-budget.ts'
import { entryOverheadBytes, MemoryTier, tagOverheadBytes } from '../src/memory-tier.ts'
import { tierEntry } from './support.ts'

const maxBudgetBytes = 12_000
const maxEntries = 12
const maxBytes = 3000

interface Modelled {
  readonly tier: LocalTier
  readonly model: Map<string, LocalEntry>
}

const step = fc.record({
  tier: fc.nat(2),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', '__proto__'),
  act: fc.constantFrom('set', 'set', 'set', 'get', 'delete', 'clear'),
  sizeBytes: fc.oneof(fc.nat(400), fc.constantFrom(0, 2999, 3000, 3001, 20_000)),
  tags: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
})

function modelled(budget: MemoryBudget): Modelled {
  const model = new Map<string, LocalEntry>()
  const onEvict = (key: string): void => {
    if (!model.delete(key)) throw new Error('evicted what was not there')
  }
  return { tier: new MemoryTier({ maxEntries, maxBytes, budget, onEvict }), model }
}

function footprint(key: string, entry: LocalEntry): number {
  return entryOverheadBytes + key.length + entry.tags.length * tagOverheadBytes + entry.sizeBytes
}

it('tiers hold what a map would, less what they report, and never more than their limits and the budget', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const budget = new MemoryBudget(maxBudgetBytes)
      const all = [modelled(budget), modelled(budget), modelled(budget)]
      for (const { tier: index, key, act, sizeBytes, tags } of steps) {
        const { tier, model } = all[index] ?? modelled(budget)
        if (act === 'set') {
          const entry = tierEntry(key, { sizeBytes, tags })
          const fits = sizeBytes <= maxBytes && footprint(key, entry) <= maxBudgetBytes
          if (fits) model.set(key, entry)
          else model.delete(key)
          tier.set(key, entry)
          expect(tier.peek(key)).toBe(fits ? entry : undefined)
        } else if (act === 'get') expect(tier.get(key)).toBe(model.get(key))
        else if (act === 'delete') expect(tier.delete(key)).toBe(model.delete(key))
        else {
          model.clear()
          tier.clear()
        }
        check(all, budget)
      }
    }),
  )
})

function check(all: readonly Modelled[], budget: MemoryBudget): void {
  let usedBytes = 0
  for (const { tier, model } of all) {
    const held = [...tier.entries()]
    expect(new Map(held)).toEqual(model)
    expect(tier.size).toBe(held.length)
    expect(tier.size).toBeLessThanOrEqual(maxEntries)
    expect(tier.sizeBytes).toBe(held.reduce((sum, [, entry]) => sum + entry.sizeBytes, 0))
    expect(tier.sizeBytes).toBeLessThanOrEqual(maxBytes)
    for (const [key, entry] of held) usedBytes += footprint(key, entry)
  }
  expect(budget.usedBytes).toBe(usedBytes)
  expect(usedBytes).toBeLessThanOrEqual(maxBudgetBytes)
}

it('of a tier no larger than the sample, the least recently used goes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.nat(20), isSet: fc.boolean() }), { maxLength: 300 }),
      (steps) => {
        const order: string[] = []
        const evicted: string[] = []
        const tier = new MemoryTier({
          maxEntries,
          maxBytes: Number.POSITIVE_INFINITY,
          budget: new MemoryBudget(Number.POSITIVE_INFINITY),
          onEvict: (key) => void evicted.push(key),
        })
        for (const { key: number, isSet } of steps) {
          const key = `k${number}`
          const at = order.indexOf(key)
          if (isSet || at >= 0) {
            if (at >= 0) order.splice(at, 1)
            order.push(key)
          }
          if (isSet) tier.set(key, tierEntry(key))
          else tier.get(key)
          if (order.length > maxEntries) expect(evicted.pop()).toBe(order.shift())
        }
        expect(evicted).toEqual([])
      },
    ),
  )
})
