import { testBadInput } from '@cache/tooling-resp-suite'

import { valkey } from '../src/index.ts'

testBadInput('valkey', (options) => valkey(options as Parameters<typeof valkey>[0]))
