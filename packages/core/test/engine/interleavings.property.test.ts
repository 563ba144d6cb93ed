import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { memory } from '../../../memory/src/index.ts'
import { sqlite } from '../../../sqlite/src/index.ts'
import { createCaches, isCacheError, type Cache } from '../../src/index.ts'

/**
 * The memory backend is its own L1 and keeps live values, and SQLite has transactions, which the simulator's store has
 * not: here fast-check decides the order in which loaders go on and callers begin.
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
  readonly #caches: readonly Cache<{ version: number }>[]
  readonly #scheduler: fc.Scheduler
  #turn = 0

  constructor(caches: readonly Cache<{ version: number }>[], scheduler: fc.Scheduler) {
    this.#caches = caches
    this.#scheduler = scheduler
  }

  /** The next process in turn. */
  get #cache(): Cache<{ version: number }> {
    return this.#caches[this.#turn++ % this.#caches.length] as Cache<{ version: number }>
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
    // Values that two processes write at once have no order that a reader could be held to.
    const isValue = kind === 'set' || kind === 'update'
    if (kind === 'delete' || (isValue && this.#caches.length > 1)) await this.#cache.delete('k')
    else if (kind === 'tag') await this.#cache.invalidateTags(['t'])
    else if (kind === 'clear') await this.#cache.clear()
    else if (kind === 'set') await this.#cache.set('k', { version }, { tags: ['t'], version })
    else await this.#cache.update('k', () => ({ version }), { tags: ['t'] })
    this.acknowledged = Math.max(this.acknowledged, version)
  }
}

/** Caches over one store, as one process or several have them. */
interface Opened extends AsyncDisposable {
  readonly caches: readonly Cache<{ version: number }>[]
}

/** What failed, if anything did. */
async function faultOf(open: () => Promise<Opened>, numRuns: number): Promise<string | undefined> {
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.array(step, { minLength: 2, maxLength: 12 }),
    async (scheduler, steps) => {
      await using opened = await open()
      const model = new Model(opened.caches, scheduler)
      const running = steps.map(async (taken) => {
        await scheduler.schedule(Promise.resolve(), taken.kind)
        await model.take(taken)
      })
      await scheduler.waitFor(Promise.all(running))
    },
  )
  return fc.defaultReportMessage(await fc.check(property, { numRuns }))
}

async function openMemory(): Promise<Opened> {
  const caches = await createCaches({ backend: memory() })
  return { caches: [caches.define('values')], [Symbol.asyncDispose]: () => caches.close() }
}

/** Two processes on one file: one with an L1 that asks the file before it answers, one without any. */
async function openSqlite(): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-order-'))
  const strict = await createCaches({ backend: sqlite({ directory }), l1: memory(), within: 0 })
  const plain = await createCaches({ backend: sqlite({ directory }) })
  return {
    caches: [strict, plain].map((caches) => caches.define('values')),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([strict.close(), plain.close()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

describe('no order of loaders, callers and writers gives a reader what was acknowledged as void', () => {
  it('over the memory backend', async () => {
    expect(await faultOf(openMemory, 300)).toBeUndefined()
  })

  it('over SQLite, in two processes', { timeout: 120_000 }, async () => {
    expect(await faultOf(openSqlite, 60)).toBeUndefined()
  })
})
