import { testPartitionedTiers } from '@cache/tooling-resp-suite'

import { valkey } from '../src/index.ts'

testPartitionedTiers('valkey', (options) => valkey(options as Parameters<typeof valkey>[0]))
