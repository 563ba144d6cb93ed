import { describe, expect, it } from 'vitest'

import { Instances } from '../web/src/caches/instances.ts'

describe('the instances that answer the console', () => {
  it('are one that is shown, the first, until another is chosen', () => {
    const instances = new Instances()
    const seen: (string | undefined)[] = []
    const stop = instances.subscribe(() => seen.push(instances.chosen))
    for (const answer of ['two', 'one', 'two', 'three']) instances.note(answer)
    expect(instances.seen).toEqual(['one', 'three', 'two'])
    expect(instances.chosen).toBe('two')
    instances.choose('three')
    stop()
    instances.choose('one')
    expect(seen).toEqual(['two', 'two', 'two', 'three'])
    expect(instances.chosen).toBe('one')
  })

  it('are those that answer: one that is silent for long goes, and gives its place away', () => {
    const instances = new Instances()
    for (const answer of ['one', 'two', 'three']) instances.note(answer)
    for (let round = 0; round < 4; round++) for (const answer of ['two', 'three']) instances.note(answer)
    expect([instances.seen, instances.chosen]).toEqual([['one', 'three', 'two'], 'one'])
    for (let round = 0; round < 8; round++) for (const answer of ['two', 'three']) instances.note(answer)
    expect(instances.seen).toEqual(['three', 'two'])
    expect(['two', 'three']).toContain(instances.chosen)
    for (let round = 0; round < 20; round++) instances.note('two')
    expect([instances.seen, instances.chosen]).toEqual([['two'], 'two'])
    instances.note('one')
    expect([instances.seen, instances.chosen]).toEqual([['one', 'two'], 'two'])
  })
})
