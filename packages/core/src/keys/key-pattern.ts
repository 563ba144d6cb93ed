import { CacheError } from '@cache/ports'

/** A compiled pattern over stored keys. */
export interface KeyPattern {
  /** Literal text that every match begins with. */
  readonly prefix: string
  matches(storedKey: string): boolean
}

/**
 * Compiles a pattern: `*` matches any run of characters, `?` one character, `\` takes the next one literally, and
 * everything else is itself; parts of a key are joined with `:` (`'user:*'` matches `['user', 1]`).
 *
 * @throws CacheError `INVALID_KEY` when the pattern ends with a lone backslash.
 */
export function keyPattern(pattern: string): KeyPattern {
  const tokens = tokenize(pattern)
  const firstWild = tokens.findIndex((token) => token.wild)
  const literals = (firstWild === -1 ? tokens : tokens.slice(0, firstWild)).map((token) => token.text)
  return { prefix: literals.join(''), matches: matcher(tokens) }
}

interface Token {
  readonly wild: boolean
  readonly text: string
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = []
  const characters = Array.from(pattern)
  for (let index = 0; index < characters.length; index++) {
    let text = characters[index] ?? ''
    const wild = text === '*' || text === '?'
    if (text === '\\') {
      index++
      text = characters[index] ?? ''
      if (text === '') throw new CacheError('INVALID_KEY', 'A key pattern must not end with a lone backslash')
    }
    tokens.push({ wild, text })
  }
  return tokens
}

/**
 * Greedy wildcard matching that goes back to the latest `*` only, `O(pattern × key)` at worst: no pattern can
 * make it exponential, as it could a regular expression.
 */
function matcher(tokens: readonly Token[]): (storedKey: string) => boolean {
  return (storedKey) => {
    const characters = Array.from(storedKey)
    let position = 0
    let token = 0
    let starToken = -1
    let starPosition = 0
    while (position < characters.length) {
      const current = tokens[token]
      if (current?.wild && current.text === '*') {
        starToken = token++
        starPosition = position
      } else if (current && (current.wild || current.text === characters[position])) {
        token++
        position++
      } else if (starToken >= 0) {
        token = starToken + 1
        position = ++starPosition
      } else {
        return false
      }
    }
    while (tokens[token]?.wild && tokens[token]?.text === '*') token++
    return token === tokens.length
  }
}
