import { testBackend } from '@cache/conformance/vitest'
import { respHarness } from '@cache/tooling-resp-suite'
import { usableServer } from '@cache/tooling-servers'
import { Redis } from 'iovalkey'
import { afterAll } from 'vitest'

import { valkey } from '../src/index.ts'

const server = await usableServer('valkey')
const client = new Redis(server.url)
afterAll(async () => {
  client.disconnect()
  await server.stop()
})

testBackend(respHarness('valkey, a client of the caller', () => valkey({ client, commandTimeout: '20s' })))
