import { testBackend } from '@cache/conformance/vitest'
import { respHarness } from '@cache/tooling-resp-suite'
import { usableServer } from '@cache/tooling-servers'
import { afterAll } from 'vitest'

import { valkey } from '../src/index.ts'

const server = await usableServer('valkey')
afterAll(() => server.stop())

testBackend(respHarness('valkey', () => valkey({ url: server.url, commandTimeout: '20s' })))
