import { mergeConfig } from 'vitest/config'

import { sharedConfig } from '../../vitest.shared.ts'

/** The first run on a new machine installs the servers. */
export default mergeConfig(sharedConfig, { test: { hookTimeout: 600_000, testTimeout: 120_000 } })
