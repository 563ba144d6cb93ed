import type { Cache } from '@cache/core'

import type { FreezeQuantities } from '../freeze/freeze-quantities.ts'
import type { InstrumentFinder } from '../instruments/instrument-finder.ts'
import { symbolForm } from './openalgo-forms.ts'

/** What a search found, as the API answers it: five hundred rows take longer to put into JSON than to find. */
export interface FoundSymbols {
  readonly count: number
  /** A JSON list of symbols. */
  readonly json: string
}

export interface SymbolSearchParts {
  readonly finder: InstrumentFinder
  readonly freezes: FreezeQuantities
  readonly cache: Cache<FoundSymbols>
}

const resultLimit = 500
const none: FoundSymbols = { count: 0, json: '[]' }
const freezesTag = 'freeze-quantities'

/** Searches of the API's callers. People type the same beginnings of the same names. */
export class SymbolSearches {
  readonly #parts: SymbolSearchParts

  constructor(parts: SymbolSearchParts) {
    this.#parts = parts
  }

  /** Of the master in use: another one has other keys. */
  async find(query: string, exchange: string | undefined): Promise<FoundSymbols> {
    const { finder, cache } = this.#parts
    const { hash } = (await finder.index()).current
    const words = keyable(query)
    const place = exchange === undefined ? undefined : keyable(exchange)
    if (words === '' || place === '') return none
    const found = await cache.getOrLoad(
      place === undefined ? [hash, words] : [hash, words, place],
      async ({ skip }) => {
        const answer = await this.#search(words, place)
        if ((await finder.index()).current.hash !== hash) skip()
        return answer
      },
      { tags: [freezesTag] },
    )
    return found ?? none
  }

  /** After another list of freeze quantities is in use. */
  freezesChanged(): Promise<void> {
    return this.#parts.cache.invalidateTags([freezesTag])
  }

  async #search(query: string, exchange: string | undefined): Promise<FoundSymbols> {
    const { finder, freezes } = this.#parts
    const { results } = await finder.search({ query, exchange, limit: resultLimit })
    if (results.length === 0) return none
    const quantities = await freezes.storedOf(results)
    const symbols = results.map((one, at) => symbolForm(one, quantities[at] ?? 1))
    return { count: results.length, json: JSON.stringify(symbols) }
  }
}

/** Words apart by one blank, without what a key can't hold and no symbol has. */
function keyable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}
