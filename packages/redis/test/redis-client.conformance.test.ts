import { testBackend } from '@cache/conformance/vitest'
import { respHarness } from '@cache/tooling-resp-suite'
import { usableServer } from '@cache/tooling-servers'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'

import { redis } from '../src/index.ts'

const server = await usableServer('redis')
const client = new Redis(server.url)
afterAll(async () => {
  client.disconnect()
  await server.stop()
})

testBackend(respHarness('redis, a client of the caller', () => redis({ client, commandTimeout: '20s' })))
