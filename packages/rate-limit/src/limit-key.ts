import { createHash } from 'node:crypto'
import { CacheError } from '@cache/core'

const longestKey = 200

/**
 * The key of a state. Longer keys are hashed: they come from outside, and each takes room for as long as its window.
 *
 * @throws CacheError `INVALID_KEY`
 */
export function stateKey(key: string): string {
  if (typeof key !== 'string' || key.length === 0)
    throw new CacheError('INVALID_KEY', 'The key of a limit must be a text that is not empty')
  if (key.length <= longestKey && key.isWellFormed()) return key
  return `sha256-${createHash('sha256').update(key).digest('base64url')}`
}
