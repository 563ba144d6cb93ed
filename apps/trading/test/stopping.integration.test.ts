import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { once } from 'node:events'

import { beforeEach, expect, it } from 'vitest'

import { Client, credentials } from './support/client.ts'
import { type RunningServer, startServer, temporaryDirectory } from './support/running-server.ts'

let server: RunningServer
const body = JSON.stringify(credentials)

beforeEach(async () => {
  server = await startServer({ directory: await temporaryDirectory() })
  await new Client(server.address).setUp()
})

/** A sign-in of which half has been sent, and has arrived. */
async function halfSent(): Promise<ClientRequest> {
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    expect: '100-continue',
  }
  const sending = request(`${server.address}/web/sign-in`, { method: 'POST', headers })
  sending.flushHeaders()
  await once(sending, 'continue')
  sending.write(body.slice(0, 20))
  return sending
}

/** Once it takes no more connections. */
async function refused(): Promise<void> {
  await expect.poll(() => fetch(`${server.address}/health`).then(String, () => 'refused')).toBe('refused')
}

it('a request that is under way is answered, and new ones are not taken', async () => {
  const sending = await halfSent()
  const ended = server.stop('SIGTERM')
  await refused()
  sending.end(body.slice(20))
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  expect(answer.statusCode).toBe(200)
  expect(answer.headers.connection).toBe('close')
  answer.resume()
  expect(await ended).toBe(0)
})

it('one that never ends does not keep it from ending', async () => {
  const sending = await halfSent()
  const failed = once(sending, 'error')
  expect(await server.stop('SIGTERM')).toBe(0)
  expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' })
})
