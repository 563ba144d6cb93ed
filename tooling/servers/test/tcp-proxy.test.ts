import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { TcpProxy } from '../src/index.ts'

let echo: Server
let proxy: TcpProxy
const received: Buffer[] = []

beforeEach(async () => {
  received.length = 0
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received.push(bytes)
      socket.write(bytes)
    })
    socket.on('end', () => socket.end())
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const address = echo.address()
  proxy = await TcpProxy.start(typeof address === 'object' && address ? address.port : 0)
})

afterEach(async () => {
  await proxy.stop()
  echo.close()
})

async function client(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function text(socket: Socket, length: number): Promise<string> {
  let all = ''
  while (all.length < length) {
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    all += bytes.toString()
  }
  return all
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

async function closed(socket: Socket): Promise<void> {
  await new Promise((resolve) => socket.once('close', resolve))
}

it('passes bytes on', async () => {
  const socket = await client()
  socket.write('hello')
  expect(await text(socket, 5)).toBe('hello')
  expect(proxy.connections).toBe(1)
})

it('slices and delays, and keeps the order', async () => {
  proxy.behave({ requests: { sliceBytes: 1, delayMs: 5 }, replies: { sliceBytes: 2 } })
  const socket = await client()
  socket.write('abcdef')
  socket.write('ghi')
  expect(await text(socket, 9)).toBe('abcdefghi')
})

it('loses the reply of what was executed', async () => {
  proxy.behave({ replies: { mode: 'drop' } })
  const socket = await client()
  socket.write('lost')
  while (proxy.droppedBytes === 0) await turn()
  expect(Buffer.concat(received).toString()).toBe('lost')
  proxy.behave({})
  socket.write('kept')
  expect(await text(socket, 4)).toBe('kept')
})

it('holds requests until it is told otherwise', async () => {
  proxy.behave({ requests: { mode: 'hold' } })
  const socket = await client()
  socket.write('held')
  while (proxy.heldBytes === 0) await turn()
  expect(received).toEqual([])
  proxy.behave({})
  expect(await text(socket, 4)).toBe('held')
})

it('cuts open connections and refuses new ones', async () => {
  const socket = await client()
  socket.write('x')
  await text(socket, 1)
  proxy.behave({ refuse: true })
  proxy.cut()
  await closed(socket)
  const refused = connect({ host: '127.0.0.1', port: proxy.port })
  refused.on('error', () => {})
  await closed(refused)
  expect(proxy.connections).toBe(0)
})

it('ends one direction and leaves the other open', async () => {
  const socket = await client()
  socket.write('x')
  await text(socket, 1)
  proxy.halfClose('replies')
  socket.resume()
  await once(socket, 'end')
  socket.write('still heard')
  while (Buffer.concat(received).toString() !== 'xstill heard') await turn()
  expect(socket.writable).toBe(true)
})
