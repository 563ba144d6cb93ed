import { testFaults } from '@cache/tooling-resp-suite'

import { redis } from '../src/index.ts'

testFaults('redis', (options) => redis(options as Parameters<typeof redis>[0]))
