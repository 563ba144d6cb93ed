import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

import { takeInOrder } from '../src/feed/feed-inbox.ts'
import { whenOver } from './support/when-over.ts'

it('takes all of what a sender that does not wait sends, in its order, and does not read on meanwhile', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  whenOver(() => server.close())
  await once(server, 'listening')
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  whenOver(() => far.terminate())
  const [[socket]] = await Promise.all([
    once(server, 'connection') as Promise<[WebSocket]>,
    once(far, 'open'),
  ])
  const mayTake = Promise.withResolvers<void>()
  const taken: string[] = []
  takeInOrder(socket, async (text) => {
    await mayTake.promise
    taken.push(text.slice(0, 4))
  })
  const sent = Array.from({ length: 1000 }, (_, at) => String(at).padStart(4, '0'))
  for (const text of sent) far.send(text.padEnd(50_000, 'x'))
  await expect.poll(() => socket.isPaused).toBe(true)
  expect(far.bufferedAmount).toBeGreaterThan(10_000_000)
  mayTake.resolve()
  await expect.poll(() => taken.length).toBe(sent.length)
  expect(taken).toEqual(sent)
  expect(socket.isPaused).toBe(false)
})
