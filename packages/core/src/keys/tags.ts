import { checkPart } from './cache-key.ts'

/** Begins the name under which the deletion of a pattern is told to local tiers; no tag can begin so. */
const patternMark = '\u0000'

/**
 * Checks the tags of an entry, or those to invalidate.
 *
 * @throws CacheError `INVALID_KEY` for a tag that is empty, no text, not well-formed, or holds a control character.
 */
export function checkedTags(tags: readonly string[]): readonly string[] {
  for (const tag of tags) checkPart(tag, 'tag')
  return tags
}

/** How a deletion of everything that matches a pattern travels: as a tag that no entry carries. */
export function patternTag(pattern: string): string {
  return patternMark + pattern
}

/** The pattern of a {@link patternTag}; `undefined` for a tag of the caller's. */
export function patternOf(tag: string): string | undefined {
  return tag.startsWith(patternMark) ? tag.slice(patternMark.length) : undefined
}
