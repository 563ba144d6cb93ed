import { TestServer } from '../../src/index.ts'

const server = await TestServer.start({ kind: 'redis' })
process.stdout.write(`${server.pid}\n`)
setInterval(() => {}, 1000)
