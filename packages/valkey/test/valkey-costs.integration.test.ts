import { testCosts } from '@cache/tooling-resp-suite'

import { valkey } from '../src/index.ts'

testCosts('valkey', (options) => valkey(options as Parameters<typeof valkey>[0]))
