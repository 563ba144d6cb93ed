import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A real server that says that it is older than it is. */
export async function oldServer(port: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const listener = createServer((client) => {
    const server = connect({ host: '127.0.0.1', port })
    client.pipe(server)
    server.on('data', (bytes) => {
      const text = bytes.toString('latin1').replace(/redis_version:\d\.\d/, 'redis_version:5.0')
      client.write(text, 'latin1')
    })
    for (const socket of [client, server]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        server.destroy()
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  return {
    url: `redis://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    stop: async () => {
      listener.close()
    },
  }
}
