import type { Socket } from 'node:net'

import { describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'

import type { App } from '../src/app.ts'
import { FeedActions } from '../src/feed/feed-actions.ts'
import { FeedClient } from '../src/feed/feed-client.ts'

/** A client of parts of the app that answer when `answer` is called, which it can leave before. */
function slowApp() {
  const answered = Promise.withResolvers<void>()
  const add = vi.fn<() => void>()
  const subscribe = vi.fn<() => void>()
  const countWrongKey = vi.fn<() => Promise<void>>(() => Promise.resolve())
  const parts = {
    addressGuard: { check: () => Promise.resolve(), countWrongKey },
    apiKeys: {
      check: (key: string) => answered.promise.then(() => ({ userId: key === 'right' ? 1 : undefined })),
      hashOf: (key: string) => key,
      ownerOfHash: () => answered.promise.then(() => 1),
    },
    connections: { brokerName: () => Promise.resolve('simulated') },
    finder: { find: () => answered.promise.then(() => ({ toJSON: () => ({}) })) },
    broker: { id: 'simulated' },
    feed: { add, subscribe, remove: () => undefined },
  }
  const socket = { readyState: WebSocket.OPEN as number, send: () => undefined }
  const client = new FeedClient(socket as unknown as WebSocket, {} as Socket, '127.0.0.1')
  const actions = new FeedActions(parts as unknown as App)
  return {
    actions,
    client,
    add,
    subscribe,
    countWrongKey,
    answer: answered.resolve,
    ask: (message: object) => actions.take(client, JSON.stringify(message)),
    sendAway: () => {
      socket.readyState = WebSocket.CLOSING
    },
    leave: () => {
      socket.readyState = WebSocket.CLOSED
      actions.left(client)
    },
  }
}

describe('a client of the feed that leaves', () => {
  it('while its key is looked up is not counted for its user, and kept nowhere', async () => {
    const { actions, add, answer, ask, leave } = slowApp()
    const asked = ask({ action: 'authenticate', api_key: 'right' })
    leave()
    answer()
    expect(await asked).toBe('goes on')
    expect(add).not.toHaveBeenCalled()
    expect(actions.authenticated).toBe(0)
  })

  it('while its wrong key is looked up has tried one', async () => {
    const { answer, ask, leave, countWrongKey } = slowApp()
    const asked = ask({ action: 'authenticate', api_key: 'wrong' })
    leave()
    answer()
    expect(await asked).toBe('refused')
    expect(countWrongKey).toHaveBeenCalledTimes(1)
  })

  it('is heard no more from the moment on at which it is sent away: one connection tries one key', async () => {
    const { answer, ask, sendAway, countWrongKey } = slowApp()
    answer()
    expect(await ask({ action: 'authenticate', api_key: 'wrong' })).toBe('refused')
    sendAway()
    expect(await ask({ action: 'authenticate', api_key: 'another' })).toBe('goes on')
    expect(countWrongKey).toHaveBeenCalledTimes(1)
  })

  it.each([
    [true, 0],
    [false, 1],
  ])('while its symbols are looked up (%s) has %d subscriptions', async (leaves, subscriptions) => {
    const { client, answer, ask, leave, subscribe } = slowApp()
    client.userId = 1
    const symbols = [{ symbol: 'NIFTY', exchange: 'NSE_INDEX' }]
    const asked = ask({ action: 'subscribe', symbols, mode: 'LTP' })
    if (leaves) leave()
    answer()
    await asked
    expect(subscribe).toHaveBeenCalledTimes(subscriptions)
  })
})
