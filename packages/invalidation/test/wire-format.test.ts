import type { InvalidationMessage } from '@cache/core'
import { describe, expect, it } from 'vitest'
import { messageText, readMessage } from '../src/wire/message-text.ts'

/** Texts of every version of the format that was ever sent; none is removed or changed. */
const golden: readonly (readonly [text: string, message: InvalidationMessage])[] = [
  [
    '[1,"quotes","epoch-1",5,5,"keys",["NSE:INFY"]]',
    { cache: 'quotes', epoch: 'epoch-1', invalidation: { kind: 'keys', sequence: 5, keys: ['NSE:INFY'] } },
  ],
  [
    '[1,"quotes","epoch-1",4,6,"keys",["a","b","ä"]]',
    {
      cache: 'quotes',
      epoch: 'epoch-1',
      invalidation: { kind: 'keys', first: 4, sequence: 6, keys: ['a', 'b', 'ä'] },
    },
  ],
  [
    '[1,"market:quote","E",7,7,"tags",["user:1"]]',
    { cache: 'market:quote', epoch: 'E', invalidation: { kind: 'tags', sequence: 7, tags: ['user:1'] } },
  ],
  [
    '[1,"quotes","E",8,8,"clear",[]]',
    { cache: 'quotes', epoch: 'E', invalidation: { kind: 'clear', sequence: 8 } },
  ],
]

describe('the text of a message between processes', () => {
  it.each(golden)('is read as it was always meant: %s', (text, message) => {
    expect(readMessage(text)).toEqual(message)
  })

  it.each(golden)('is what processes of earlier versions read: %s', (text, message) => {
    expect(messageText(message)).toBe(text)
  })
})
