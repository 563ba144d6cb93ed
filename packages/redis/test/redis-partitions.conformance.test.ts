import { respHarness, testPartitions } from '@cache/tooling-resp-suite'
import { TestCluster } from '@cache/tooling-servers'
import { afterAll } from 'vitest'

import { redis } from '../src/index.ts'

const cluster = await TestCluster.start({ kind: 'redis' })
afterAll(() => cluster.stop())

testPartitions(
  respHarness('redis cluster, partitions', () =>
    redis({ cluster: cluster.urls, partitions: 5, commandTimeout: '20s' }),
  ),
)
