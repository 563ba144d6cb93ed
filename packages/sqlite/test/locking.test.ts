import { describe, expect, it } from 'vitest'
import { newEntry } from '@cache/conformance'
import { Child, get, makeDirectory, open, pathIn, payloadOf, set } from './fixture.ts'

/** How often the event loop had its turn, and the longest time it waited for it. */
function watchEventLoop(): () => { readonly turns: number; readonly longestMs: number } {
  let turns = 0
  let longestMs = 0
  let lastMs = performance.now()
  const timer = setInterval(() => {
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
    turns++
  }, 1)
  return () => {
    clearInterval(timer)
    return { turns, longestMs }
  }
}

describe('a file that another process has locked', () => {
  it('makes writes wait without blocking the event loop, and reads not at all', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory })
    await set(store, 'k', { payload: 'before' })
    const child = new Child('locking', pathIn(directory))
    await child.line()
    const stop = watchEventLoop()
    const writes = [
      store.change([{ kind: 'set', key: 'k', entry: newEntry({ payload: 'after' }) }]),
      store.change([{ kind: 'delete', key: 'other' }]),
      store.purge(10),
    ]
    let settled = false
    void writes[0]?.then(() => (settled = true))
    for (let read = 0; read < 20; read++) {
      expect(await payloadOf(store, 'k')).toBe('before')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(settled).toBe(false)
    child.say('go')
    await child.line()
    await Promise.all(writes)
    const { turns } = stop()
    // Had the wait blocked the loop for the time of the lock, there would be a handful.
    expect(turns).toBeGreaterThan(20)
    expect(await payloadOf(store, 'k')).toBe('after')
  })

  it('is reported as BACKEND_LOCKED after lockTimeout, and works when it is free again', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory, lockTimeout: '100ms' })
    await set(store, 'k')
    const child = new Child('locking', pathIn(directory))
    await child.line()
    const writes = ['a', 'b'].map((key) => store.change([{ kind: 'set', key, entry: newEntry() }]))
    for (const write of writes) {
      await expect(write).rejects.toMatchObject({
        code: 'BACKEND_LOCKED',
        message: expect.stringContaining('lockTimeout') as string,
      })
    }
    child.say('go')
    await child.line()
    await set(store, 'a')
    expect(await get(store, 'a')).toBeDefined()
  })

  it('delays the first use as it delays any write', async () => {
    const directory = await makeDirectory()
    const first = await open({ directory })
    await set(first.store, 'k')
    await first.backend.close()
    const child = new Child('locking', pathIn(directory))
    await child.line()
    const late = await open({ directory, lockTimeout: '100ms' })
    await expect(get(late.store, 'k')).rejects.toMatchObject({ code: 'BACKEND_LOCKED' })
    const { store } = await open({ directory })
    const read = get(store, 'k')
    child.say('go')
    await child.line()
    expect(await read).toBeDefined()
  })

  it('does not keep a backend from closing: every call settles', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await open({ directory })
    await set(store, 'k')
    const child = new Child('locking', pathIn(directory))
    await child.line()
    const writes = ['a', 'b'].map((key) => store.change([{ kind: 'set', key, entry: newEntry() }]))
    const settled = Promise.allSettled(writes)
    await backend.close()
    for (const write of await settled) {
      expect(write).toMatchObject({ status: 'rejected', reason: { code: 'BACKEND_LOCKED' } })
    }
  })
})
