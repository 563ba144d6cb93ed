import fastify from 'fastify'
import { expect, it } from 'vitest'

import { openEventStream } from '../src/server/event-stream.ts'
import { answerFault } from '../src/server/fault-answers.ts'
import { Leaving } from '../src/server/leaving.ts'
import { whenOver } from './support/when-over.ts'

const answeredWithinMs = 60_000

/** A server with a route of each kind; `begin` lets the slow ones end. */
async function leavingServer() {
  const leaving = new Leaving()
  const server = fastify({ forceCloseConnections: true })
  whenOver(() => server.close())
  const gate = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  server.setErrorHandler(answerFault)
  leaving.watch(server)
  server.get('/read', () => ({ read: true }))
  server.get('/health', (_request, reply) => reply.code(503).send({ reason: 'stopping' }))
  server.post('/change', () => ({ changed: true }))
  server.get('/slow', async () => {
    arrived.resolve()
    await gate.promise
    return { slow: true }
  })
  server.get('/events', (request, reply) => {
    openEventStream(request, reply, async () => true).send({ first: true })
  })
  const address = await server.listen({ port: 0 })
  return { leaving, server, address, gate, arrived }
}

it('answers what is under way, and waits for it', async () => {
  const { leaving, address, gate, arrived } = await leavingServer()
  const slow = fetch(`${address}/slow`)
  await arrived.promise
  leaving.begin()
  let over = false
  const answered = leaving.answered(answeredWithinMs).then(() => (over = true))
  await leaving.answered(0)
  expect(over).toBe(false)
  gate.resolve()
  const answer = await slow
  expect(answer.headers.get('connection')).toBe('close')
  expect(await answer.json()).toEqual({ slow: true })
  await answered
})

it('does not wait for longer than it may', async () => {
  const { leaving, address, gate, arrived } = await leavingServer()
  const slow = fetch(`${address}/slow`)
  await arrived.promise
  leaving.begin()
  await leaving.answered(50)
  gate.resolve()
  expect((await slow).status).toBe(200)
})

it('refuses what another instance can answer, carries out what no proxy repeats, and keeps no connection', async () => {
  const { leaving, address } = await leavingServer()
  expect((await fetch(`${address}/read`)).headers.get('connection')).toBe('keep-alive')
  leaving.begin()
  const read = await fetch(`${address}/read`)
  expect(read.status).toBe(503)
  expect(read.headers.get('retry-after')).toBe('1')
  expect(await read.json()).toMatchObject({ status: 'error', code: 'STOPPING' })
  const change = await fetch(`${address}/change`, { method: 'POST' })
  expect(await change.json()).toEqual({ changed: true })
  const health = await fetch(`${address}/health`)
  expect(await health.json()).toEqual({ reason: 'stopping' })
  const nothing = await fetch(`${address}/nothing`, { method: 'POST' })
  for (const { headers } of [read, change, health, nothing]) expect(headers.get('connection')).toBe('close')
})

it('ends streams of events', async () => {
  const { leaving, address } = await leavingServer()
  const stream = await fetch(`${address}/events`)
  leaving.begin()
  expect(await stream.text()).toContain('"first":true')
  await leaving.answered(answeredWithinMs)
})
