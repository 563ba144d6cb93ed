import { testCosts } from '@cache/tooling-resp-suite'

import { redis } from '../src/index.ts'

testCosts('redis', (options) => redis(options as Parameters<typeof redis>[0]))
