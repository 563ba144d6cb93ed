import { testBadInput } from '@cache/tooling-resp-suite'

import { redis } from '../src/index.ts'

testBadInput('redis', (options) => redis(options as Parameters<typeof redis>[0]))
