import { describe, expect, it } from 'vitest'
import { makeDirectory, open, payloadOf, set } from './fixture.ts'

describe('text that UTF-8 cannot hold', () => {
  it('is read as it was written', async () => {
    const { store } = await open({ directory: await makeDirectory() })
    for (const payload of ['\ud800', 'a\udfffb', '\udc00\ud800"\\', '\ud83d\ude00']) {
      await set(store, 'k', { payload, format: 5 })
      const [entry] = (await store.read(['k'])).entries
      expect([entry?.payload, entry?.format]).toEqual([payload, 5])
    }
  })

  it('does not disturb what is written after it', async () => {
    const { store } = await open({ directory: await makeDirectory() })
    await Promise.all([set(store, 'a', { payload: '\ud800' }), set(store, 'b', { payload: 'plain' })])
    expect([await payloadOf(store, 'a'), await payloadOf(store, 'b')]).toEqual(['\ud800', 'plain'])
  })
})
