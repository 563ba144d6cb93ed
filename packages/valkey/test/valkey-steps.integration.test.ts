import { testStepsWithoutScript } from '@cache/tooling-resp-suite'

import { valkey } from '../src/index.ts'

testStepsWithoutScript('valkey', (options) => valkey(options as Parameters<typeof valkey>[0]))
