import { type Clock, onCacheEvent } from '@cache/core'

import { OwnEchoes } from './own-echoes.ts'

/**
 * Something that happened to caches of this process.
 *
 * - `invalidation`: entries were made unreadable by key, tag or pattern, or a cache was cleared; of another instance, by
 *   tag or as a whole, because its messages do not tell a deletion of a key from a write
 * - `eviction`: a tier dropped entries by itself
 * - `breaker`: a circuit breaker changed its state
 * - `failure`: a call to the backend failed
 * - `denied`: the access rules refused a call
 * - `report`: something an operator should know
 */
export interface NewsItem {
  readonly id: number
  readonly atMs: number
  readonly kind: 'invalidation' | 'eviction' | 'breaker' | 'failure' | 'denied' | 'report'
  /** Empty where it is about no single cache. */
  readonly cache: string
  readonly text: string
  /** Tags, patterns, and keys as they are stored: hashed where the cache is sensitive. A few of them. */
  readonly names: readonly string[]
}

export interface BreakerState {
  readonly breaker: string
  readonly state: 'closed' | 'open' | 'half-open'
  readonly sinceMs: number
}

const kept = 200
const namesKept = 5
const nameLength = 80
const changes = {
  delete: 'invalidated by key',
  expire: 'made stale by key',
  tags: 'invalidated by tag',
  pattern: 'invalidated by pattern',
  clear: 'cleared',
} as const

/** The latest news of the caches, and who wants to hear of them as they come. */
export class CacheNews {
  readonly #clock: Clock
  readonly #items: NewsItem[] = []
  readonly #breakers = new Map<string, BreakerState>()
  readonly #listeners = new Set<(item: NewsItem) => void>()
  readonly #stops: readonly (() => void)[]
  readonly #echoes: OwnEchoes
  #count = 0

  constructor(prefix: string, clock: Clock) {
    this.#clock = clock
    this.#echoes = new OwnEchoes(clock)
    const add = (from: string, item: Omit<NewsItem, 'id' | 'atMs'>): void => {
      if (from === prefix) this.#add(item)
    }
    this.#stops = [
      onCacheEvent('cache:change', ({ prefix: from, cache, change, names }) => {
        if (change === 'set' || from !== prefix) return
        this.#echoes.did(whatOf(cache, changes[change], names))
        this.#add({ kind: 'invalidation', cache, text: changes[change], names })
      }),
      onCacheEvent('cache:arrival', ({ prefix: from, cache, kind, names }) => {
        if (kind === 'keys' || from !== prefix) return
        const text = `${changes[kind]} in another instance`
        this.#echoes.came(whatOf(cache, changes[kind], names), () =>
          this.#add({ kind: 'invalidation', cache, text, names }),
        )
      }),
      onCacheEvent('cache:evict', ({ prefix: from, cache, reason, count }) => {
        if (reason !== 'expired')
          add(from, { kind: 'eviction', cache, text: `${count} dropped (${reason})`, names: [] })
      }),
      onCacheEvent('cache:breaker', ({ prefix: from, breaker, state }) => {
        if (from === prefix) this.#breakers.set(breaker, { breaker, state, sinceMs: clock.wallMs() })
        add(from, { kind: 'breaker', cache: '', text: `${breaker} is ${state}`, names: [] })
      }),
      onCacheEvent('cache:failure', ({ prefix: from, cache, operation, code }) => {
        add(from, { kind: 'failure', cache, text: `${operation} failed: ${code}`, names: [] })
      }),
      onCacheEvent('cache:denied', ({ prefix: from, cache, operation, caller }) => {
        const who = caller ?? 'code that runs as no caller'
        add(from, { kind: 'denied', cache, text: `${operation} was refused to ${who}`, names: [] })
      }),
      onCacheEvent('cache:report', ({ prefix: from, source, message }) => {
        add(from, { kind: 'report', cache: '', text: `${source}: ${message}`, names: [] })
      }),
    ]
  }

  /** The oldest first. */
  get latest(): readonly NewsItem[] {
    return this.#items
  }

  /** Those that ever changed their state; every other is closed. */
  get breakers(): readonly BreakerState[] {
    return [...this.#breakers.values()]
  }

  /** The result stops it. */
  subscribe(listener: (item: NewsItem) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#echoes.close()
    this.#listeners.clear()
  }

  #add({ names, ...item }: Omit<NewsItem, 'id' | 'atMs'>): void {
    const few = names.slice(0, namesKept).map((name) => name.slice(0, nameLength))
    const more = names.length > namesKept ? [`and ${names.length - namesKept} more`] : []
    const news = { id: ++this.#count, atMs: this.#clock.wallMs(), ...item, names: [...few, ...more] }
    this.#items.push(news)
    if (this.#items.length > kept) this.#items.shift()
    for (const listener of this.#listeners) listener(news)
  }
}

function whatOf(cache: string, text: string, names: readonly string[]): string {
  return [cache, text, ...names].join(' ')
}
