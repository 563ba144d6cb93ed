import { respHarness, testPartitions } from '@cache/tooling-resp-suite'
import { TestCluster } from '@cache/tooling-servers'
import { afterAll } from 'vitest'

import { valkey } from '../src/index.ts'

const cluster = await TestCluster.start({ kind: 'valkey' })
afterAll(() => cluster.stop())

testPartitions(
  respHarness('valkey cluster, partitions', () =>
    valkey({ cluster: cluster.urls, partitions: 5, commandTimeout: '20s' }),
  ),
)
