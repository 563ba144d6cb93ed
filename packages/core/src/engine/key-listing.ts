import { CacheError, type ScanRequest } from '@cache/ports'
import { keyPattern } from '../keys/key-pattern.ts'
import type { CacheContext } from './cache-context.ts'

/** What a listing is about. */
export interface Wanted extends Pick<ScanRequest, 'of' | 'tag'> {
  readonly pattern: string
}

/** Lists the keys of a cache, a page at a time. */
export class KeyListing {
  readonly #context: Pick<CacheContext<unknown>, 'name' | 'store' | 'steps'>
  readonly #areHashed: boolean

  constructor(context: Pick<CacheContext<unknown>, 'name' | 'store' | 'steps'>, areHashed: boolean) {
    this.#context = context
    this.#areHashed = areHashed
  }

  /** @throws CacheError `INVALID_OPTION` where keys are hashed */
  async *pages({ of, pattern, tag }: Wanted): AsyncGenerator<string[]> {
    if (this.#areHashed)
      throw new CacheError(
        'INVALID_OPTION',
        `The keys of the sensitive cache '${this.#context.name}' are hashed`,
      )
    const compiled = keyPattern(pattern)
    for await (const page of this.#scan({ of, prefix: compiled.prefix, tag }))
      yield page.filter((key) => compiled.matches(key))
  }

  /** Keys that have one of the tags at least, hashed ones too. */
  async countWithTags(tags: readonly string[]): Promise<number> {
    const keys = new Set<string>()
    for (const tag of tags)
      for await (const page of this.#scan({ prefix: '', tag })) for (const key of page) keys.add(key)
    return keys.size
  }

  async *#scan(what: Pick<ScanRequest, 'of' | 'prefix' | 'tag'>): AsyncGenerator<readonly string[]> {
    const { store, steps } = this.#context
    let cursor: string | undefined
    do {
      const page = await store.scan({ ...what, limit: steps.scanCount, cursor })
      yield page.keys
      cursor = page.cursor
    } while (cursor !== undefined)
  }
}
