import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, it, onTestFinished } from 'vitest'

import { get, RequestError } from '../web/src/api/client.ts'

/** A server that has sent the head of an answer and the half of its body when `then` is called. */
async function halfAnswering(then: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"a":', () => setTimeout(() => then(response), 50))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

it('an answer that is given up after its head has come is none', async () => {
  const aborter = new AbortController()
  const address = await halfAnswering(() => aborter.abort())
  await expect(get(address, aborter.signal)).rejects.toMatchObject({ name: 'AbortError' })
})

it('an answer that breaks off is told as an app that can not be reached', async () => {
  const address = await halfAnswering((response) => response.destroy())
  const error = await get(address).catch((fault: unknown) => fault)
  expect(error).toBeInstanceOf(RequestError)
  expect(error).toMatchObject({ status: 0, message: 'The app can’t be reached. Is it still running?' })
})

it('an answer without content is an empty one', async () => {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  expect(await get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).toEqual({})
})
