import { testBackend } from '@cache/conformance/vitest'
import { respHarness } from '@cache/tooling-resp-suite'
import { TestCluster } from '@cache/tooling-servers'
import { afterAll } from 'vitest'

import { valkey } from '../src/index.ts'

const cluster = await TestCluster.start({ kind: 'valkey' })
afterAll(() => cluster.stop())

testBackend(respHarness('valkey cluster', () => valkey({ cluster: cluster.urls, commandTimeout: '20s' })))
