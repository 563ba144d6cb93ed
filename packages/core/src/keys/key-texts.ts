import { keyText, type CacheKey } from './cache-key.ts'

/** Texts remembered before all are forgotten. */
const remembered = 16_384

/** {@link keyText} with a memory for texts that need escaping, which costs several times a look-up. Bounded. */
export class KeyTexts {
  readonly #escaped = new Map<string, string>()

  of(key: CacheKey): string {
    if (typeof key !== 'string') return keyText(key)
    return this.#escaped.get(key) ?? this.#escape(key)
  }

  #escape(key: string): string {
    const text = keyText(key)
    if (text === key) return text
    if (this.#escaped.size >= remembered) this.#escaped.clear()
    this.#escaped.set(key, text)
    return text
  }
}
