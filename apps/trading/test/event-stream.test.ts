import { once } from 'node:events'
import { get } from 'node:http'

import fastify from 'fastify'
import { expect, it, onTestFinished, vi } from 'vitest'

import { openEventStream } from '../src/server/event-stream.ts'

/** A server whose streams open when they may, and what it has seen. */
async function streaming() {
  const server = fastify()
  onTestFinished(() => server.close())
  const arrived = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  const mayOpen = Promise.withResolvers<void>()
  const isAllowed = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true))
  const ended = vi.fn<() => void>()
  server.get('/', async (request, reply) => {
    reply.raw.on('close', gone.resolve)
    arrived.resolve()
    await mayOpen.promise
    const stream = openEventStream(request, reply, isAllowed)
    stream.send({ first: true })
    stream.onEnd(ended)
  })
  const request = get(await server.listen({ port: 0, host: '127.0.0.1' }))
  request.on('error', () => undefined)
  await arrived.promise
  return { request, gone: gone.promise, open: mayOpen.resolve, isAllowed, ended }
}

it('ends with the browser that it goes to', async () => {
  const { request, open, ended } = await streaming()
  open()
  const [response] = await once(request, 'response')
  expect(String(await once(response, 'data'))).toBe('data: {"first":true}\n\n')
  expect(ended).not.toHaveBeenCalled()
  request.destroy()
  await expect.poll(() => ended.mock.calls).toHaveLength(1)
})

it('has ended, and leaves nothing running, when the browser went before it began', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { request, gone, open, isAllowed, ended } = await streaming()
  request.destroy()
  await gone
  open()
  await expect.poll(() => ended.mock.calls).toHaveLength(1)
  vi.advanceTimersByTime(60_000)
  expect(isAllowed).not.toHaveBeenCalled()
})
