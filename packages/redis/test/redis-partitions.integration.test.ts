import { testPartitionedTiers } from '@cache/tooling-resp-suite'

import { redis } from '../src/index.ts'

testPartitionedTiers('redis', (options) => redis(options as Parameters<typeof redis>[0]))
