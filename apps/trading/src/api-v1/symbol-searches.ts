import type { Cache } from '@cache/core'

import type { FreezeQuantities } from '../freeze/freeze-quantities.ts'
import type { InstrumentFinder } from '../instruments/instrument-finder.ts'
import { symbolForm } from './openalgo-forms.ts'

export interface SymbolSearchParts {
  readonly finder: InstrumentFinder
  readonly freezes: FreezeQuantities
  readonly cache: Cache<Uint8Array>
}

const resultLimit = 500
const none = answerOf([])
const freezesTag = 'freeze-quantities'

/**
 * Searches of the API's callers, kept as the JSON that is sent: five hundred rows take longer to put into it than to find, and
 * people type the same beginnings of the same names.
 */
export class SymbolSearches {
  readonly #parts: SymbolSearchParts

  constructor(parts: SymbolSearchParts) {
    this.#parts = parts
  }

  /** Of the master in use: another one has other keys. Shared, and not to be changed. */
  async answer(query: string, exchange: string | undefined): Promise<Uint8Array> {
    const { finder, cache } = this.#parts
    const { hash } = (await finder.index()).current
    const words = keyable(query)
    const place = exchange === undefined ? undefined : keyable(exchange)
    if (words === '' || place === '') return none
    const kept = await cache.getOrLoad(
      place === undefined ? [hash, words] : [hash, words, place],
      async ({ skip }) => {
        const answer = await this.#search(words, place)
        if ((await finder.index()).current.hash !== hash) skip()
        return answer
      },
      { tags: [freezesTag] },
    )
    return kept ?? none
  }

  /** After another list of freeze quantities is in use. */
  freezesChanged(): Promise<void> {
    return this.#parts.cache.invalidateTags([freezesTag])
  }

  async #search(query: string, exchange: string | undefined): Promise<Uint8Array> {
    const { finder, freezes } = this.#parts
    const { results } = await finder.search({ query, exchange, limit: resultLimit })
    if (results.length === 0) return none
    const quantities = await freezes.storedOf(results)
    return answerOf(results.map((one, at) => symbolForm(one, quantities[at] ?? 1)))
  }
}

function answerOf(data: readonly object[]): Uint8Array {
  const many = data.length === 1 ? 'Found 1 matching symbol' : `Found ${data.length} matching symbols`
  const message = data.length === 0 ? 'No matching symbols found' : many
  return Buffer.from(JSON.stringify({ status: 'success', message, data }))
}

/** Words apart by one blank, without what a key can't hold and no symbol has. */
function keyable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}
