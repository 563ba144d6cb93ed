import { testBackend } from '@cache/conformance/vitest'
import { respHarness } from '@cache/tooling-resp-suite'
import { usableServer } from '@cache/tooling-servers'
import { afterAll } from 'vitest'

import { redis } from '../src/index.ts'

const server = await usableServer('redis')
afterAll(() => server.stop())

testBackend(respHarness('redis, RESP2', () => redis({ url: server.url, protocol: 2, commandTimeout: '20s' })))
