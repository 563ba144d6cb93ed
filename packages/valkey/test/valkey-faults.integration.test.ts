import { testFaults } from '@cache/tooling-resp-suite'

import { valkey } from '../src/index.ts'

testFaults('valkey', (options) => valkey(options as Parameters<typeof valkey>[0]))
