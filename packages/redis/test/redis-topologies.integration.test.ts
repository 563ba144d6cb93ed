import { testTopologies } from '@cache/tooling-resp-suite'

import { redis } from '../src/index.ts'

testTopologies('redis', (options) => redis(options as Parameters<typeof redis>[0]))
