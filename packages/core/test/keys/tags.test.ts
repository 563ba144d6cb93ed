import { describe, expect, it } from 'vitest'
import { checkedTags, patternOf, patternTag } from '../../src/keys/tags.ts'

describe('tags', () => {
  it('are given back as they are', () => {
    const tags = ['user:1', 'a b', 'метка', '%']
    expect(checkedTags(tags)).toBe(tags)
    expect(checkedTags([])).toEqual([])
  })

  it.each<[unknown, string]>([
    ['', 'The tag has an empty part'],
    ['a\ud800', 'The tag is not well-formed Unicode'],
    ['a\u0000', 'The tag holds a control character'],
    ['\u007f', 'The tag holds a control character'],
    [1, 'A tag must be text, not number'],
    [true, 'A tag must be text, not boolean'],
    [1n, 'A tag must be text, not bigint'],
    [null, 'The tag holds null; parts are strings, numbers and booleans'],
    [undefined, 'The tag holds undefined; parts are strings, numbers and booleans'],
  ])('are refused when one is %o', (tag, message) => {
    expect(() => checkedTags(['first', tag as string])).toThrow(
      expect.objectContaining({ code: 'INVALID_KEY', message }) as Error,
    )
  })

  it.each(['user:*', '', '\u0000'])('stand apart from the one by which the pattern %j travels', (pattern) => {
    const tag = patternTag(pattern)
    expect(patternOf(tag)).toBe(pattern)
    expect(() => checkedTags([tag])).toThrow('control character')
    expect(patternOf(`tag${pattern}`)).toBeUndefined()
  })
})
