import { testBackend } from '@cache/conformance/vitest'
import { respHarness } from '@cache/tooling-resp-suite'
import { TestCluster } from '@cache/tooling-servers'
import { afterAll } from 'vitest'

import { redis } from '../src/index.ts'

const cluster = await TestCluster.start({ kind: 'redis' })
afterAll(() => cluster.stop())

testBackend(respHarness('redis cluster', () => redis({ cluster: cluster.urls, commandTimeout: '20s' })))
