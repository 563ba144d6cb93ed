import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memory } from '../../../memory/src/index.ts'
import { createCaches, isCacheError, type Cache } from '../../src/index.ts'

/**
 * The memory backend is its own L1 and keeps live values, which the simulator's store does not: here fast-check
 * decides the order in which loaders go on and callers begin.
 */

type Step =
  | { readonly kind: 'load'; readonly skip: boolean; readonly aborts: boolean }
  | { readonly kind: 'get' | 'delete' | 'tag' | 'clear' | 'set' | 'update' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('load'), skip: fc.boolean(), aborts: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('get', 'delete', 'tag', 'clear', 'set', 'update') }),
  },
)

/** One key, whose truth is a number that only grows, and the newest one that was acknowledged. */
class Model {
  truth = 1
  acknowledged = 0
  readonly #cache: Cache<{ version: number }>
  readonly #scheduler: fc.Scheduler

  constructor(cache: Cache<{ version: number }>, scheduler: fc.Scheduler) {
    this.#cache = cache
    this.#scheduler = scheduler
  }

  async take(taken: Step): Promise<void> {
    if (taken.kind === 'get') await this.#read(this.#cache.get('k'))
    else if (taken.kind === 'load') await this.#load(taken)
    else await this.#write(taken.kind)
  }

  async #load({ skip, aborts }: Step & { kind: 'load' }): Promise<void> {
    const controller = new AbortController()
    const reading = this.#cache.getOrLoad(
      'k',
      async (context) => {
        await this.#scheduler.schedule(Promise.resolve(), 'the loader asks')
        const version = this.truth
        await this.#scheduler.schedule(Promise.resolve(), 'the loader has its answer')
        if (skip) context.skip()
        return { version }
      },
      { tags: ['t'], signal: controller.signal },
    )
    const checked = this.#read(reading).catch((error: unknown) => {
      assert.ok(isCacheError(error, 'ABORTED'))
    })
    if (aborts) {
      await this.#scheduler.schedule(Promise.resolve(), 'the caller gives up')
      controller.abort()
    }
    await checked
  }

  /** A read returns nothing, or what is no older than what was acknowledged before it began. */
  async #read(reading: Promise<{ version: number } | undefined>): Promise<void> {
    const floor = this.acknowledged
    const value = await reading
    assert.ok(!value || value.version >= floor, `version ${value?.version} after ${floor} was acknowledged`)
  }

  async #write(kind: Exclude<Step['kind'], 'load' | 'get'>): Promise<void> {
    const version = ++this.truth
    if (kind === 'delete') await this.#cache.delete('k')
    else if (kind === 'tag') await this.#cache.invalidateTags(['t'])
    else if (kind === 'clear') await this.#cache.clear()
    else if (kind === 'set') await this.#cache.set('k', { version }, { tags: ['t'], version })
    else await this.#cache.update('k', () => ({ version }), { tags: ['t'] })
    this.acknowledged = Math.max(this.acknowledged, version)
  }
}

it('no order of loaders, callers and writers gives a reader what was acknowledged as void', async () => {
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.array(step, { minLength: 2, maxLength: 12 }),
    async (scheduler, steps) => {
      await using caches = await createCaches({ backend: memory() })
      const model = new Model(caches.define('values'), scheduler)
      const running = steps.map(async (taken) => {
        await scheduler.schedule(Promise.resolve(), taken.kind)
        await model.take(taken)
      })
      await scheduler.waitFor(Promise.all(running))
    },
  )
  const result = await fc.check(property, { numRuns: 300 })
  expect(fc.defaultReportMessage(result)).toBeUndefined()
})
