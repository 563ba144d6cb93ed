import { testStepsWithoutScript } from '@cache/tooling-resp-suite'

import { redis } from '../src/index.ts'

testStepsWithoutScript('redis', (options) => redis(options as Parameters<typeof redis>[0]))
