import { testTopologies } from '@cache/tooling-resp-suite'

import { valkey } from '../src/index.ts'

testTopologies('valkey', (options) => valkey(options as Parameters<typeof valkey>[0]))
